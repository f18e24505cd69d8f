import type { StackEvent } from '@aws-sdk/client-cloudformation';
import type { Clients } from '../clients.ts';
import { unlessMissing } from '../errors.ts';

/** What happened to one resource of a stack, or to the stack itself. */
export interface Event {
  id: string;
  at: Date;
  logicalId: string;
  physicalId?: string;
  type: string;
  status: string;
  reason?: string;
}

/** What a stack has been through. Remembers how far it has read. */
export class EventReader {
  readonly #clients: Clients;
  readonly #stack: string;
  #last: string | undefined;

  constructor(clients: Clients, stack: string) {
    [this.#clients, this.#stack] = [clients, stack];
  }

  /** Passes over everything that has happened up to now. */
  async skip(): Promise<void> {
    const cloudFormation = await this.#clients.cloudFormation();
    const answer = await unlessMissing(cloudFormation.describeStackEvents({ StackName: this.#stack }));
    this.#last = answer?.StackEvents?.[0]?.EventId;
  }

  /** What is new, the oldest first. */
  async read(): Promise<Event[]> {
    const cloudFormation = await this.#clients.cloudFormation();
    const found: Event[] = [];
    let NextToken: string | undefined;
    do {
      const answer = await unlessMissing(
        cloudFormation.describeStackEvents({ StackName: this.#stack, ...(NextToken && { NextToken }) }),
      );
      NextToken = answer?.NextToken;
      for (const event of answer?.StackEvents ?? []) {
        if (event.EventId === this.#last) {
          NextToken = undefined;
          break;
        }
        found.push(eventOf(event));
      }
    } while (NextToken);
    this.#last = found[0]?.id ?? this.#last;
    return found.reverse();
  }
}

function eventOf(event: StackEvent): Event {
  return {
    id: event.EventId!,
    at: event.Timestamp!,
    logicalId: event.LogicalResourceId ?? '',
    ...(event.PhysicalResourceId && { physicalId: event.PhysicalResourceId }),
    type: event.ResourceType ?? '',
    status: event.ResourceStatus ?? '',
    ...(event.ResourceStatusReason && { reason: event.ResourceStatusReason }),
  };
}
