import type { Repair, Reporter } from '../../pipeline/mod.ts';
import type { Aws } from '../aws.ts';
import { unless } from '../errors.ts';
import { endCreation } from '../rollout/end-creation.ts';
import { answerPauses, cancelUpdate, settleBack } from '../rollout/pauses.ts';
import { makeChangeSet } from '../stacks/change-set.ts';
import { deleteStack } from '../stacks/delete.ts';
import { EventReader } from '../stacks/events.ts';
import { readStack, readTemplate, type StackState } from '../stacks/read.ts';
import { execute, follow, StackFailed } from '../stacks/update.ts';
import { type Action, rowOf } from './table.ts';

type Place = Pick<Aws, 'clients' | 'account' | 'time'>;

/** One repair may lead to the next state, such as a cancelled deployment to a failed way back. */
const most = 6;

/**
 * Takes a stack out of every state in which it cannot be deployed. Answers what was wrong and what was done. What is steady, or not
 * there, stays as it is.
 */
export async function repairStack(aws: Place, name: string, report: Reporter): Promise<Repair[]> {
  const repairs: Repair[] = [];
  for (let left = most; left > 0; left--) {
    const stack = await readStack(aws.clients, name);
    const row = stack && rowOf(stack.status);
    if (!stack || !row) return repairs;
    const wrong = `stack ${name} is ${stack.status}: ${row.means}`;
    const done = await report.step(`Repair: ${wrong}`, () => actions[row.action](aws, stack, report));
    repairs.push({ wrong, done });
  }
  return repairs;
}

const actions: Record<Action, (aws: Place, stack: StackState, report: Reporter) => Promise<string>> = {
  async wait(aws, { name }) {
    await settleBack(aws, name);
    return 'waited until AWS was done';
  },

  async end(aws, stack, report) {
    const { name } = stack;
    const template = await readTemplate(aws.clients, name);
    const runs = Object.values(template?.Resources ?? {}).some(({ Type }) => Type === 'AWS::ECS::Service');
    // What has no processes comes to its end by itself.
    if (!runs) return actions.wait(aws, stack, report);
    await endCreation(aws, { name, meanings: {} }, report);
    return 'took away what it had made so far';
  },

  async cancel(aws, { name }) {
    const { clients } = aws;
    const paused = await answerPauses(clients, name, 'ROLLBACK');
    await cancelUpdate(aws, name);
    await settleBack(aws, name);
    return paused ? 'refused the release that was waiting, and took the deployment back' : 'took the deployment back';
  },

  async delete(aws, { name, status }, report) {
    const left = await deleteStack(aws, name, report);
    const what = status === 'REVIEW_IN_PROGRESS' ? 'the empty stack' : 'the stack';
    return left.length === 0 ? `removed ${what}` : `removed ${what} but for ${left.map(nameOf).join(', ')}`;
  },

  async continue(aws, { name }, report) {
    const { clients } = aws;
    const cloudFormation = await clients.cloudFormation();
    const again = async (ResourcesToSkip?: string[]) => {
      const reader = new EventReader(clients, name);
      await reader.skip();
      await cloudFormation.continueUpdateRollback({ StackName: name, ...(ResourcesToSkip && { ResourcesToSkip }) });
      const settling = settleBack(aws, name);
      const stuck = await failuresOf(follow(aws, { stack: name, reader, meanings: {} }, report));
      await settling;
      return stuck;
    };
    const stuck = await again();
    if ((await readStack(clients, name))?.status !== 'UPDATE_ROLLBACK_FAILED') return 'brought the way back to its end';
    await again(stuck);
    return `brought the way back to its end without ${stuck.join(', ')}, which the next deployment changes again`;
  },

  async replay(aws, { name, tags }, report) {
    const cloudFormation = await aws.clients.cloudFormation();
    // Not after express mode, which keeps nothing to go back to.
    const back = await unless(cloudFormation.rollbackStack({ StackName: name }), () => true);
    if (back) {
      await settleBack(aws, name);
      return 'took the deployment back';
    }
    const request = { stack: name, type: 'UPDATE', tags, express: true, keepFailed: true } as const;
    const changeSet = await makeChangeSet(aws.clients, request, aws.time);
    if (!changeSet) return 'found nothing to apply again';
    await execute(aws, { stack: name, changeSet, meanings: {} }, report);
    return 'applied the last template again';
  },

  async finish(aws, { name }, report) {
    const left = await deleteStack(aws, name, report);
    return left.length === 0 ? 'removed the rest' : `removed the rest but for ${left.map(nameOf).join(', ')}`;
  },
};

/** What could not go back, by logical id. A way back never counts as a success. */
async function failuresOf(work: Promise<StackState>): Promise<string[]> {
  try {
    await work;
    return [];
  } catch (error) {
    if (!(error instanceof StackFailed)) throw error;
    const failures = error.events.filter(
      ({ status, type }) => status.endsWith('_FAILED') && type !== 'AWS::CloudFormation::Stack',
    );
    return [...new Set(failures.map(({ logicalId }) => logicalId))];
  }
}

function nameOf({ logicalId }: { logicalId: string }): string {
  return logicalId;
}
