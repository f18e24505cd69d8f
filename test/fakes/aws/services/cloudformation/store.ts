import type { Call } from '../../model.ts';
import { constraint, noChangeSet, noStack, noSuchStack } from './refusals.ts';
import type { ChangeSet, Stack } from './stack.ts';

/** "Create a stack", stack name: alphanumeric and hyphens, from a letter, at most 128. */
export function checkStackName(name: string): void {
  if (!/^[a-zA-Z][-a-zA-Z0-9]*$/.test(name)) {
    throw constraint(name, 'stackName', 'Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*');
  }
  if (name.length > 128) throw constraint(name, 'stackName', 'Member must have length less than or equal to 128');
}

/** All stacks. By name the one that is there; by id also one that is deleted ("DescribeStacks"). */
export class StackStore {
  readonly #all = new Map<string, Stack>();

  add(stack: Stack): void {
    this.#all.set(stack.id, stack);
  }

  /** Those that are not deleted, of all accounts. */
  all(): Stack[] {
    return [...this.#all.values()].filter(({ status }) => status !== 'DELETE_COMPLETE');
  }

  of({ account, region }: Pick<Call, 'account' | 'region'>): Stack[] {
    return [...this.#all.values()].filter((stack) => stack.account === account && stack.region === region);
  }

  live(call: Pick<Call, 'account' | 'region'>): Stack[] {
    return this.of(call).filter(({ status }) => status !== 'DELETE_COMPLETE');
  }

  find(call: Call, nameOrId: string): Stack | undefined {
    if (nameOrId.startsWith('arn:')) return this.of(call).find(({ id }) => id === nameOrId);
    return this.live(call).find(({ name }) => name === nameOrId);
  }

  /** To read. */
  get(call: Call, nameOrId: string): Stack {
    const stack = this.find(call, nameOrId);
    if (!stack) throw noStack(nameOrId);
    return stack;
  }

  /** To change: only what is there. */
  target(call: Call, nameOrId: string): Stack {
    const stack = this.find(call, nameOrId);
    if (!stack || stack.status === 'DELETE_COMPLETE') throw noSuchStack(nameOrId);
    return stack;
  }

  changeSet(call: Call, input: { ChangeSetName: string; StackName?: string }): ChangeSet {
    const { ChangeSetName, StackName } = input;
    const stacks = StackName === undefined ? this.of(call) : [this.#ofChangeSet(call, StackName)];
    const all = stacks.flatMap((stack) => [...stack.changeSets.values()]);
    const found = all.find(
      ({ id, name }) => id === ChangeSetName || (StackName !== undefined && name === ChangeSetName),
    );
    if (!found) throw noChangeSet(ChangeSetName);
    return found;
  }

  #ofChangeSet(call: Call, name: string): Stack {
    const stack = this.find(call, name);
    if (!stack) throw noSuchStack(name);
    return stack;
  }

  /** Of the account and region: who exports the name, and what. */
  exported(call: Pick<Call, 'account' | 'region'>, name: string): { stack: Stack; value: string } | undefined {
    for (const stack of this.of(call)) {
      const output = stack.outputs.find(({ exportName }) => exportName === name);
      if (output) return { stack, value: output.value };
    }
    return undefined;
  }
}
