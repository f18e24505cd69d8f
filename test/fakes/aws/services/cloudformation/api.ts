import type { Call, Principal, ResourceProvider, World } from '../../model.ts';
import { uuid } from '../../random.ts';
import type { Wants } from './engine.ts';
import { inertProvider } from './inert.ts';
import { reportStack } from './report.ts';
import { partitionOf } from './scope.ts';
import type { Operation, Settings, Stack } from './stack.ts';
import type { Work } from './steps.ts';
import { StackStore } from './store.ts';

/** What the operations of the API stand on. */
export class Api {
  readonly world: World;
  readonly stacks = new StackStore();
  /** By token: what it was used for. "ClientRequestToken". */
  readonly tokens = new Map<string, { input: string; answer: unknown }>();
  readonly #inert = new Map<string, ResourceProvider>();

  constructor(world: World) {
    this.world = world;
  }

  /** A service's own, or one that only keeps what it is given. */
  provider(type: string): ResourceProvider {
    const own = this.world.provider(type);
    if (own) return own;
    const inert = this.#inert.get(type) ?? inertProvider(this.world, type);
    this.#inert.set(type, inert);
    return inert;
  }

  arn(call: Pick<Call, 'account' | 'region'>, rest: string): string {
    return `arn:${partitionOf(call.region)}:cloudformation:${call.region}:${call.account}:${rest}`;
  }

  id(): string {
    return uuid(this.world.random);
  }

  newStack(call: Call, name: string, terminationProtection = false): Stack {
    const stack: Stack = {
      id: this.arn(call, `stack/${name}/${this.id()}`),
      name,
      account: call.account,
      region: call.region,
      status: 'REVIEW_IN_PROGRESS',
      created: this.world.clock.now(),
      outputs: [],
      resources: new Map(),
      events: [],
      changeSets: new Map(),
      terminationProtection,
      drift: { status: 'NOT_CHECKED' },
      dirty: new Set(),
      leftovers: [],
      operations: [],
    };
    this.stacks.add(stack);
    return stack;
  }

  wants(stack: Stack, onFailure: Wants['onFailure'], actual?: Wants['actual']): Wants {
    const { account, region } = stack;
    return {
      onFailure,
      ...(actual && { actual }),
      imported: (name) => this.stacks.exported({ account, region }, name)?.value ?? `No export named ${name} found`,
      exporter: (name) => {
        const found = this.stacks.exported({ account, region }, name)?.stack;
        return found === stack ? undefined : found;
      },
    };
  }

  /** Sets something going that goes on when the caller is gone. */
  begin(
    stack: Stack,
    call: Call,
    about: {
      type: Operation['type'];
      token?: string | undefined;
      status: string;
      reason?: string;
      settings?: Settings;
    },
    flow: (work: Work) => Promise<void>,
  ): string {
    const before = stack.running;
    const config = about.settings?.deploymentConfig;
    const operation: Operation = {
      id: this.id(),
      type: about.type,
      principal: call.principal,
      requestId: call.requestId,
      ...(about.token !== undefined && { token: about.token }),
      express: config?.Mode === 'EXPRESS',
      abort: new AbortController(),
    };
    stack.operation = operation;
    stack.operations = [{ OperationId: operation.id, OperationType: operation.type }, ...stack.operations].slice(0, 5);
    if (config) stack.lastConfig = config;
    else delete stack.lastConfig;
    reportStack(this.world, stack, about.status, about.reason);
    const work: Work = {
      world: this.world,
      stack,
      operation,
      provider: (type) => this.provider(type),
      call: { ...call, principal: workerOf(stack, call.principal) },
    };
    stack.running = this.#run(work, before, flow);
    return operation.id;
  }

  async #run(work: Work, before: Promise<void> | undefined, flow: (work: Work) => Promise<void>): Promise<void> {
    const { stack, operation } = work;
    await before;
    // What was interrupted may have said something of its own; the word of this operation stands.
    const { status } = stack;
    try {
      await flow(work);
    } catch (error) {
      const failed = status.startsWith('DELETE') ? 'DELETE_FAILED' : `${status.split('_')[0]}_FAILED`;
      reportStack(this.world, stack, failed, `Internal Failure: ${error instanceof Error ? error.message : error}`);
    }
    if (stack.operation === operation) delete stack.operation;
  }
}

/** "CloudFormation service role": what a role is set for, it does; else the caller. */
function workerOf(stack: Stack, caller: Principal): Principal {
  const role = stack.settings?.role;
  if (role === undefined) return caller;
  return {
    kind: 'role',
    account: stack.account,
    role: role.split('/').at(-1) as string,
    session: 'AWSCloudFormation',
    expires: Number.POSITIVE_INFINITY,
  };
}
