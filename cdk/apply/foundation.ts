import type { Environment, Plan, Reporter } from '../../pipeline/mod.ts';
import type { Aws } from '../aws.ts';
import { awsError, codeOf } from '../errors.ts';
import { readFoundation } from '../foundation/facts.ts';
import { synthesizeFoundation } from '../foundation/mod.ts';
import { keepVersion, refuseUpgrade } from '../foundation/version.ts';
import { type AwsSettings, type AwsWritten, type FoundationFacts, type Needs, tagNames } from '../model.ts';
import { foundationStackName } from '../names.ts';
import { needsOf, readNeeds, withNeeds } from '../needs.ts';
import { repairStack } from '../repair/repair.ts';
import { classOf } from '../settings.ts';
import { readStack, readTemplate, type StackState } from '../stacks/read.ts';
import { phaseOf } from '../stacks/status.ts';
import { isSame, settle, updateStack } from '../stacks/update.ts';
import { explainStack } from './explain.ts';

/** Others may work on the Foundation at the same time: then it is looked at again, so many times. */
const most = 20;

/** Brings what lies under the environment to what it needs, and touches nothing when that is there. */
export async function ensureFoundation(
  aws: Aws,
  plan: Plan,
  settings: AwsSettings,
  { report, allowDataLoss = [] }: { report: Reporter; allowDataLoss?: readonly string[] | undefined },
): Promise<FoundationFacts> {
  if (plan.isolated) return standingFoundation(aws, plan, settings);
  const change = (all: Record<string, Needs>) => withNeeds(all, plan, settings);
  const written = aws.written(plan.environment);
  const state = await changeFoundation(aws, plan.environment, settings, { change, report, allowDataLoss, written });
  return readFoundation(state!.outputs);
}

/**
 * What is there, as it is: code that nobody vouches for brings settings that nobody vouches for, which decide about nothing that others share.
 * @throws UserError FL7126 when that is not enough
 */
async function standingFoundation(aws: Aws, plan: Plan, settings: AwsSettings): Promise<FoundationFacts> {
  const name = foundationStackName(settings.foundation, classOf(plan.environment.type));
  const stack = await readStack(aws.clients, name);
  const facts = stack && phaseOf(stack.status) === 'steady' ? readFoundation(stack.outputs) : undefined;
  const { postgres, dedicated, cache } = needsOf(plan, settings);
  const lacks =
    (!facts && 'it is not there') ||
    (dedicated.length > 0 && 'it would need database servers of its own') ||
    (postgres && !facts?.servers.shared && 'it has no database server') ||
    (cache && !facts?.cache && 'it has no cache');
  if (facts && !lacks) return facts;
  throw awsError(
    'FL7126',
    `this preview may not change what previews share, and ${lacks}`,
    'Bring up a preview of the repository itself that needs the same, and then this one again.',
  );
}

/**
 * Takes the environment's needs away from what lies under it. Servers of environments that live on stay, empty, until the Foundation
 * itself is destroyed; those that a preview had for itself go.
 */
export async function releaseFoundation(
  aws: Aws,
  { environment, settings, key }: { environment: Environment; settings: AwsSettings; key: string },
  report: Reporter,
): Promise<void> {
  const change = ({ [key]: own, ...others }: Record<string, Needs>) => {
    const kept = environment.type === 'preview' ? undefined : own && serversOf(own);
    return { ...others, ...(kept && { [key]: kept }) };
  };
  const name = foundationStackName(settings.foundation, classOf(environment.type));
  const deployed = await readTemplate(aws.clients, name);
  const own = readNeeds(deployed)[key];
  if (own === undefined) return;
  await changeFoundation(aws, environment, settings, { change, report, allowDataLoss: own.dedicated });
}

/** What is left of needs when nobody connects any more; undefined when that is nothing. */
function serversOf({ postgres, dedicated, cache }: Needs): Needs | undefined {
  if (!postgres && dedicated.length === 0 && !cache) return undefined;
  return { postgres, dedicated, ...(cache && { cache: { ...cache, users: [] } }) };
}

interface FoundationChange {
  change(needs: Record<string, Needs>): Record<string, Needs>;
  /** Where a version may be written down that servers are to have. @default they keep theirs */
  written?: AwsWritten;
  report: Reporter;
  allowDataLoss: readonly string[];
}

async function changeFoundation(
  aws: Aws,
  { type }: Pick<Environment, 'type'>,
  settings: AwsSettings,
  { change, report, allowDataLoss, written = { aws: {}, overrides: {} } }: FoundationChange,
): Promise<StackState | undefined> {
  const { clients, account } = aws;
  const name = foundationStackName(settings.foundation, classOf(type));
  for (let left = most; ; left--) {
    await settle(aws, name);
    const before = await readStack(clients, name);
    const isThere = before && phaseOf(before.status) === 'steady';
    if (before && !isThere && phaseOf(before.status) !== 'empty')
      for (const { wrong, done } of await repairStack(aws, name, report)) report.info(`${wrong}: ${done}`);
    const deployed = before && (await readTemplate(clients, name));
    const owner = before?.tags[tagNames.repository] ?? aws.repository;
    const kept = keepVersion(settings, written, deployed);
    refuseUpgrade(kept, deployed);
    const stack = synthesizeFoundation({
      account,
      class: classOf(type),
      settings: kept,
      needs: change(readNeeds(deployed)),
      ...(owner !== undefined && { repository: owner }),
    });
    if (isThere && isSame(deployed, stack)) return before;
    // The template is made for what was there; CloudFormation itself refuses a change set that others came before.
    const begin = async () => {
      const now = await readStack(clients, name);
      if (now && phaseOf(now.status) !== 'empty' && now.updated.getTime() !== before?.updated.getTime())
        throw new Moved();
    };
    try {
      const title = before ? 'Change what lies under the environment' : 'Make what lies under the environment';
      const { stack: after } = await report.step(title, () =>
        updateStack(aws, stack, report, { allowDataLoss, begin }),
      );
      return after;
    } catch (error) {
      if (left > 0 && isRace(error)) continue;
      throw explainStack(error, stack.meanings);
    }
  }
}

/** What lies under environments is not what it was when somebody looked. */
class Moved extends Error {}

/** Somebody else was a little faster. */
function isRace(error: unknown): boolean {
  if (error instanceof Moved) return true;
  const code = codeOf(error) ?? '';
  if (['AlreadyExistsException', 'InvalidChangeSetStatus', 'ChangeSetNotFound'].includes(code)) return true;
  return code === 'ValidationError' && /_IN_PROGRESS state|already exists|does not exist/.test(String(error));
}
