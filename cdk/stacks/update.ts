import { randomUUID } from 'node:crypto';
import type { Reporter } from '../../pipeline/mod.ts';
import type { Clients } from '../clients.ts';
import type { Account, Stack, Template } from '../model.ts';
import { longest, poll, type Time } from '../time.ts';
import { bodyOf } from './body.ts';
import { type ChangeSet, makeChangeSet } from './change-set.ts';
import { refuseDataLoss } from './data-loss.ts';
import { dataNotesOf, withDataNotes } from './data-notes.ts';
import { type Event, EventReader } from './events.ts';
import { Progress } from './progress.ts';
import { readStack, readTemplate, type StackState } from './read.ts';
import { readRoutes, rightfulWeights } from './routes.ts';
import { isInProgress, isSuccess, phaseOf } from './status.ts';
import { isSameWeights, ruleType, type Weights, weightsOf, withWeights } from './weights.ts';

export interface StackContext {
  clients: Clients;
  account: Account;
  time: Time;
}

export interface UpdateOptions {
  /** Done when resources are configured, without waiting for them to be ready. @default false */
  express?: boolean;
  /** Names of what may lose its data. @default none */
  allowDataLoss?: readonly string[];
  /** Asked once, when it is clear that something would change and before it does: what it throws is the end of it. */
  begin?: () => Promise<void>;
}

/** What became of it. `nothing`: it was so already. */
export type Updated = { stack: StackState; outcome: 'nothing' | 'changed' };

/** A change of a stack that did not come to its end. CloudFormation has put back what it could, as `status` says. */
export class StackFailed extends Error {
  readonly stackName: string;
  readonly status: string;
  readonly events: readonly Event[];

  constructor(stack: string, status: string, events: readonly Event[]) {
    super(`stack ${stack} is ${status}`);
    [this.stackName, this.status, this.events] = [stack, status, events];
  }
}

/** The template as it is sent: small, and with what a later removal has to know. */
export function textOf({ template, meanings }: Pick<Stack, 'template' | 'meanings'>): string {
  return JSON.stringify(withDataNotes(template, meanings));
}

/** Whether the template that is there is already the one that is to be. */
export function isSame(deployed: Template | undefined, stack: Pick<Stack, 'template' | 'meanings'>): boolean {
  return deployed !== undefined && JSON.stringify(deployed) === textOf(stack);
}

/**
 * Brings a stack to its template and follows it to the end. The stack has to be steady, empty or absent.
 * @throws UserError FL7110 before anything changes when data would be lost; StackFailed
 */
export async function updateStack(
  context: StackContext,
  stack: Stack,
  report: Reporter,
  { express = false, allowDataLoss = [], begin }: UpdateOptions = {},
): Promise<Updated> {
  const { clients, time } = context;
  await settle(context, stack.name);
  const before = await readStack(clients, stack.name);
  const isNew = before === undefined || phaseOf(before.status) === 'empty';
  const deployed = isNew ? undefined : await readTemplate(clients, stack.name);
  const type = isNew ? 'CREATE' : 'UPDATE';
  const propose = async (next: Stack) =>
    makeChangeSet(
      clients,
      { stack: stack.name, type, body: await bodyOf(textOf(next), context), tags: stack.tags, express },
      time,
    );
  // What ECS has moved since, CloudFormation leaves alone as long as the template says the same as before.
  let changeSet = await propose({ ...stack, template: withWeights(stack.template, weightsOf(deployed)) });
  if (!changeSet) return { stack: before!, outcome: 'nothing' };
  try {
    await begin?.();
    refuseDataLoss(changeSet.changes, { ...dataNotesOf(deployed), ...stack.meanings }, allowDataLoss);
  } catch (error) {
    await discard(clients, stack.name, changeSet, isNew);
    throw error;
  }
  if (changeSet.changes.some(({ action, type }) => action === 'Modify' && type === ruleType)) {
    const weights = await adoptWeights(context, { ...before!, meanings: stack.meanings }, report);
    if (weights) {
      await discard(clients, stack.name, changeSet, false);
      changeSet = await propose({ ...stack, template: withWeights(stack.template, weights) });
      if (!changeSet) return { stack: before!, outcome: 'nothing' };
    }
  }
  const after = await execute(context, { stack: stack.name, changeSet, meanings: stack.meanings }, report);
  if (stack.protected && !after.protected) await protect(clients, stack.name, true);
  return { stack: after, outcome: 'changed' };
}

/**
 * Brings the template of a stack to the way that requests really take, which is another after every canary. CloudFormation writes a rule
 * whole when anything of it changes, and also when it goes back: with what a template says of old, it would lead all requests to tasks
 * that are gone. Answers the weights; undefined when the template is right.
 */
export async function adoptWeights(
  context: StackContext,
  { name, tags, meanings }: Pick<Stack, 'name' | 'tags' | 'meanings'>,
  report: Reporter,
): Promise<Weights | undefined> {
  const { clients, time } = context;
  const deployed = await readTemplate(clients, name);
  const weights = rightfulWeights(await readRoutes(clients, name, deployed));
  if (!deployed || isSameWeights(weights, weightsOf(deployed))) return undefined;
  const body = await bodyOf(JSON.stringify(withWeights(deployed, weights)), context);
  const changeSet = await makeChangeSet(clients, { stack: name, type: 'UPDATE', body, tags, express: false }, time);
  if (changeSet) await execute(context, { stack: name, changeSet, meanings }, report);
  return weights;
}

/** Carries a change set out and follows it to the end. @throws StackFailed */
export async function execute(
  { clients, time }: StackContext,
  { stack, changeSet, meanings }: Pick<Stack, 'meanings'> & { stack: string; changeSet: ChangeSet },
  report: Reporter,
): Promise<StackState> {
  const cloudFormation = await clients.cloudFormation();
  const reader = new EventReader(clients, stack);
  await reader.skip();
  // An answer that got lost is asked for again: CloudFormation then knows that it has begun already.
  const ClientRequestToken = randomUUID();
  await cloudFormation.executeChangeSet({ ChangeSetName: changeSet.id, StackName: stack, ClientRequestToken });
  return follow({ clients, time }, { stack, reader, meanings }, report);
}

/** Follows what is done to a stack until it is done, and tells of it. @throws StackFailed when it did not end well */
export async function follow(
  { clients, time }: Pick<StackContext, 'clients' | 'time'>,
  { stack, reader, meanings }: Pick<Stack, 'meanings'> & { stack: string; reader: EventReader },
  report: Reporter,
): Promise<StackState> {
  const progress = new Progress(meanings);
  const events: Event[] = [];
  const tell = async () => {
    const fresh = await reader.read();
    events.push(...fresh);
    for (const line of progress.lines(fresh)) report.info(line);
  };
  const after = await poll(
    async () => {
      const state = await readStack(clients, stack);
      await tell();
      const begun = events.some(({ type }) => type === 'AWS::CloudFormation::Stack');
      // Somebody has deleted it meanwhile.
      if (!state && begun) throw new StackFailed(stack, 'DELETE_COMPLETE', events);
      if (!state || !begun) return undefined;
      return isInProgress(state.status) && phaseOf(state.status) !== 'tidying' ? undefined : state;
    },
    time,
    { what: `stack ${stack}`, within: longest, to: 3_000 },
  );
  await tell();
  if (!isSuccess(after.status)) throw new StackFailed(stack, after.status, events);
  return after;
}

/** Waits until nobody works on the stack any more. */
export async function settle({ clients, time }: Pick<StackContext, 'clients' | 'time'>, name: string): Promise<void> {
  await poll(
    async () => {
      const state = await readStack(clients, name);
      return state && isInProgress(state.status) ? undefined : true;
    },
    time,
    { what: `stack ${name}`, within: longest },
  );
}

export async function protect(clients: Clients, name: string, on: boolean): Promise<void> {
  const cloudFormation = await clients.cloudFormation();
  await cloudFormation.updateTerminationProtection({ StackName: name, EnableTerminationProtection: on });
}

/** A change set of a stack that is not there yet has made an empty one. */
async function discard(clients: Clients, stack: string, { id }: ChangeSet, isNew: boolean): Promise<void> {
  const cloudFormation = await clients.cloudFormation();
  await cloudFormation.deleteChangeSet({ ChangeSetName: id, StackName: stack });
  const now = isNew ? await readStack(clients, stack) : undefined;
  // Somebody else may have filled it meanwhile.
  if (now && phaseOf(now.status) === 'empty') await cloudFormation.deleteStack({ StackName: stack });
}
