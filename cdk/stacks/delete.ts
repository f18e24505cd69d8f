import type { Reporter } from '../../pipeline/mod.ts';
import { unlessMissing } from '../errors.ts';
import type { Meaning } from '../model.ts';
import { longest, poll } from '../time.ts';
import { EventReader } from './events.ts';
import { Progress } from './progress.ts';
import { listResources, readStack, type StackResource } from './read.ts';
import { isInProgress } from './status.ts';
import { protect, type StackContext } from './update.ts';

export interface DeleteOptions {
  express?: boolean;
  /** What people call resources, by logical id. @default their ids */
  meanings?: Record<string, Pick<Meaning, 'subject'>>;
  /** Called between two tries with what could not be deleted, to take away what keeps it. */
  help?: (stuck: readonly StackResource[]) => Promise<void>;
  /** How many times it is tried. The last time, what cannot be deleted is left out of the stack. @default 3 */
  tries?: number;
}

/**
 * Deletes a stack, in waves: what could not be deleted is tried again, and stays in the end, so that the rest can go.
 * Answers what stayed, and why. What is not there counts as deleted.
 */
export async function deleteStack(
  context: StackContext,
  name: string,
  report: Reporter,
  { express = false, meanings = {}, help, tries = 3 }: DeleteOptions = {},
): Promise<StackResource[]> {
  const { clients, time } = context;
  const cloudFormation = await clients.cloudFormation();
  const before = await readStack(clients, name);
  if (!before) return [];
  if (before.protected) await protect(clients, name, false);
  let stuck: StackResource[] = before.status === 'DELETE_FAILED' ? await failed(context, before.id) : [];
  let left: StackResource[] = [];
  const reader = new EventReader(clients, before.id);
  const progress = new Progress(meanings);
  await reader.skip();
  for (let attempt = 1; attempt <= tries; attempt++) {
    const last = attempt === tries && stuck.length > 0;
    if (last) left = stuck;
    await unlessMissing(
      cloudFormation.deleteStack({
        // By its name: an ARN of a stack that is gone already would be refused.
        StackName: name,
        ...(last && { RetainResources: stuck.map(({ logicalId }) => logicalId) }),
        ...(express && { DeploymentConfig: { Mode: 'EXPRESS' } }),
      }),
    );
    const status = await poll(
      async () => {
        const state = await readStack(clients, name);
        for (const line of progress.lines(state ? await reader.read() : [])) report.info(line);
        if (!state || state.id !== before.id) return 'gone';
        return isInProgress(state.status) ? undefined : state.status;
      },
      time,
      { what: `the deletion of ${name}`, within: longest },
    );
    if (status === 'gone') return left;
    stuck = await failed(context, before.id);
    if (attempt < tries) await help?.(stuck);
  }
  return stuck;
}

async function failed({ clients }: StackContext, id: string): Promise<StackResource[]> {
  const resources = await listResources(clients, id);
  return resources.filter(({ status }) => status === 'DELETE_FAILED');
}
