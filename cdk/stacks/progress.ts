import type { Meaning } from '../model.ts';
import type { Event } from './events.ts';

const done: Record<string, string> = {
  CREATE_COMPLETE: 'is there',
  UPDATE_COMPLETE: 'is changed',
  DELETE_COMPLETE: 'is gone',
};

/** Turns events into lines for people, with how long each took. Quick ones are not worth a line of their own. */
export class Progress {
  readonly #meanings: Record<string, Pick<Meaning, 'subject'>>;
  readonly #noteworthy: number;
  readonly #begun = new Map<string, number>();

  /** @param noteworthy milliseconds from which on a resource is told of; @default 5 s */
  constructor(meanings: Record<string, Pick<Meaning, 'subject'>>, noteworthy = 5_000) {
    [this.#meanings, this.#noteworthy] = [meanings, noteworthy];
  }

  lines(events: readonly Event[]): string[] {
    return events.flatMap((event) => {
      const { logicalId, type, status, at } = event;
      if (type === 'AWS::CloudFormation::Stack') return [];
      if (status.endsWith('_IN_PROGRESS') && !this.#begun.has(logicalId)) this.#begun.set(logicalId, at.getTime());
      if (status.endsWith('_FAILED'))
        return event.reason === undefined ? [] : [`${this.#subject(event)} failed: ${event.reason}`];
      const what = done[status];
      const begun = this.#begun.get(logicalId);
      if (what === undefined || begun === undefined) return [];
      this.#begun.delete(logicalId);
      const took = at.getTime() - begun;
      return took < this.#noteworthy ? [] : [`${this.#subject(event)} ${what} after ${Math.round(took / 1000)} s`];
    });
  }

  #subject({ logicalId, type }: Event): string {
    return this.#meanings[logicalId]?.subject ?? `${type.replace(/^AWS::/, '').replace('::', ' ')} ${logicalId}`;
  }
}
