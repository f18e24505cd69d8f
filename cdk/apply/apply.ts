import type { ApplyOptions, Outcome, Plan, Reporter } from '../../pipeline/mod.ts';
import { refuseForeign, refuseNamesake } from '../../pipeline/refusals/ownership.ts';
import { synthesizeApp } from '../app/mod.ts';
import type { Aws } from '../aws.ts';
import { readBoundary } from '../boundary.ts';
import { ownerOf, wordsIn } from '../deployed.ts';
import { isSignedOut, saying } from '../errors.ts';
import { type AppOutputs, type AwsSettings, type FoundationFacts, type Stack, tagNames } from '../model.ts';
import { refuseNameOfPreviews, stackName } from '../names.ts';
import { prepareTemplate } from '../prepare.ts';
import { repairStack } from '../repair/repair.ts';
import { migrationsOfTask } from '../rollout/migrate.ts';
import { servicesOf, tasksOf } from '../rollout/services.ts';
import { readSchema, writeSchema } from '../schema.ts';
import { awsSettings, classOf } from '../settings.ts';
import { dataNotesOf } from '../stacks/data-notes.ts';
import { listStacks, readStack, readTemplate } from '../stacks/read.ts';
import { phaseOf } from '../stacks/status.ts';
import { isSame, updateStack } from '../stacks/update.ts';
import { weightsOf, withWeights } from '../stacks/weights.ts';
import { expiresFor } from './expires.ts';
import { explainStack } from './explain.ts';
import { ensureFoundation } from './foundation.ts';
import { areGranted, giveMore, settleGrants } from './grants.ts';
import { afterwards, isCurrent, migrateOnce } from './migrate.ts';
import { preflight, type Ready } from './preflight.ts';
import { choosePriority } from './priority.ts';
import { type Before, explain, type PutBack, putBack } from './put-back.ts';
import { forgetRevisions } from './revisions.ts';
import { type RolledOut, rollOut } from './roll-out.ts';
import { warnOfStreams } from './streams.ts';
import { withoutServices } from './without-services.ts';

/**
 * Brings an environment to its plan: what lies under it, databases, then what runs. Nothing changes before it is clear that everything
 * that is needed is there. Each step looks at what is really there, so that a run that was killed is continued by the next one.
 */
export async function apply(
  aws: Aws,
  plan: Plan,
  report: Reporter,
  { verify, allowDataLoss = [] }: ApplyOptions = {},
): Promise<Outcome> {
  const { environment, release } = plan;
  refuseNameOfPreviews(environment.application);
  const settings = awsSettings(aws.written(environment), environment);
  await refuseOthers(aws, plan);
  warnOfStreams(release.content.graph, settings, report);
  const name = stackName(environment);
  const there = await readStack(aws.clients, name);
  const ready = await report.step('Check what is needed', () => preflight(aws, plan, there === undefined));
  await repairStack(aws, name, report);
  const before = await readBefore(aws, name);
  const foundation = await ensureFoundation(aws, plan, settings, { report, allowDataLoss });
  const stack = await report.step('Write the template', () =>
    synthesize(aws, { plan, settings, foundation, ready, before }),
  );
  const express = environment.type === 'preview';

  const once = await migrateBefore(aws, { plan, stack, before, foundation, allowDataLoss }, report);
  const outputs = (before?.state.outputs ?? {}) as Partial<AppOutputs>;
  const inside = once === undefined && plan.databases.length > 0;
  const schema = await readSchema(aws.clients, environment);
  if (inside && !isCurrent(plan, schema)) await writeSchema(aws.clients, environment);
  if (inside && !(await areGranted(aws, plan))) await giveMore(aws, plan);
  let rolled: RolledOut;
  try {
    const { healthTimeout } = plan.settings;
    rolled = await report.step('Replace processes', () =>
      rollOut(
        aws,
        { stack, foundation, outputs, express, healthTimeout, hasty: express, allowDataLoss, verify },
        report,
      ),
    );
  } catch (error) {
    const explained = await explain(aws, error, { environment, stack, former: outputs.Release !== undefined });
    const empty = withoutServices(stack.template);
    await putBackOrTell(aws, { stack, before, foundation, express, empty }, report);
    throw explained;
  }
  const after = rolled.state.outputs as unknown as AppOutputs;
  const migrations = inside ? await migrationsInside(aws, plan, foundation, rolled, after) : (once ?? []);
  const settled = afterwards(plan, schema);
  if (inside && JSON.stringify(settled) !== JSON.stringify(schema))
    await writeSchema(aws.clients, environment, settled);
  await forgetRevisions(aws, name);
  if (!rolled.verified) await verify?.(after.Url);
  if (after.ProvisionTaskDefinition !== undefined) {
    const provisioning = { taskDefinition: after.ProvisionTaskDefinition, network: foundation, tags: stack.tags };
    const services = servicesOf(after.Services);
    const cluster = foundation.clusterName;
    await settleGrants(aws, plan, { isFirst: there === undefined, cluster, services, provisioning }, report);
  }
  return { url: after.Url, release: release.digest, started: rolled.started, kept: rolled.kept, migrations };
}

/** What went wrong first is what counts: that the way back failed as well is only told. */
async function putBackOrTell(aws: Aws, what: PutBack, report: Reporter): Promise<void> {
  try {
    await report.step('Put back what was there', () => putBack(aws, what, report));
  } catch (error) {
    if (isSignedOut(error)) throw error;
    const { environment } = ownerOf(what.stack)!;
    report.warn(
      `What was there could not be put back: ${saying(explainStack(error, what.stack.meanings))}. Run fairlead repair --env ${environment.name}.`,
    );
  }
}

/** @throws UserError FL4020 */
async function refuseOthers({ clients, account, repository }: Aws, { environment }: Plan): Promise<void> {
  const stacks = await listStacks(clients, tagNames.application, environment.application);
  const owners = stacks.map(ownerOf).filter((owner) => owner !== undefined);
  const words = wordsIn(account.id);
  refuseForeign(
    owners.find((owner) => owner.environment.name === environment.name),
    repository,
    words,
  );
  refuseNamesake(owners, repository, words);
}

async function readBefore({ clients }: Aws, name: string): Promise<Before | undefined> {
  const state = await readStack(clients, name);
  if (!state || phaseOf(state.status) !== 'steady') return undefined;
  const template = await readTemplate(clients, name);
  return template && { state, template };
}

async function synthesize(
  aws: Aws,
  {
    plan,
    settings,
    foundation,
    ready,
    before,
  }: { plan: Plan; settings: AwsSettings; foundation: FoundationFacts; ready: Ready; before: Before | undefined },
): Promise<Stack> {
  const repository = aws.repository ?? before?.state.tags[tagNames.repository];
  const expires = expiresFor(settings.expires, before?.state.tags[tagNames.expires], aws.time.now());
  const boundary = await readBoundary(aws, settings.foundation, classOf(plan.environment.type));
  const stack = synthesizeApp({
    account: aws.account,
    plan,
    settings,
    foundation,
    ...ready,
    ...(repository !== undefined && { repository }),
    ...(expires !== undefined && { expires }),
    ...(boundary !== undefined && { boundary }),
    priority: await choosePriority(aws.clients, foundation.listenerArn, before?.template),
  });
  return { ...stack, template: withWeights(stack.template, weightsOf(before?.template)) };
}

/** Undefined where the databases are migrated by the processes' own tasks. */
async function migrateBefore(
  aws: Aws,
  {
    plan,
    stack,
    before,
    foundation,
    allowDataLoss,
  }: {
    plan: Plan;
    stack: Stack;
    before: Before | undefined;
    foundation: FoundationFacts;
    allowDataLoss: readonly string[];
  },
  report: Reporter,
): Promise<Outcome['migrations'] | undefined> {
  if (stack.template.Outputs?.MigrateTaskDefinition === undefined) return undefined;
  const meanings = { ...dataNotesOf(before?.template), ...stack.meanings };
  const prepared = { ...stack, meanings, template: prepareTemplate(before?.template, stack.template) };
  const known = await readSchema(aws.clients, plan.environment);
  if (isSame(before?.template, prepared) && isCurrent(plan, known) && (await areGranted(aws, plan))) return [];
  const { stack: state } = await report.step('Prepare the migrations', () =>
    updateStack(aws, prepared, report, { allowDataLoss, express: plan.environment.type === 'preview' }),
  );
  const taskDefinition = (state.outputs as Partial<AppOutputs>).MigrateTaskDefinition!;
  return migrateOnce(aws, plan, { foundation, taskDefinition, tags: stack.tags }, report);
}

/** What the init containers of the tasks that run now have said. */
async function migrationsInside(
  aws: Aws,
  { environment }: Plan,
  { clusterName }: FoundationFacts,
  { started }: RolledOut,
  { Services }: AppOutputs,
): Promise<Outcome['migrations']> {
  const services = servicesOf(Services);
  const found: Outcome['migrations'] = [];
  for (const process of started) {
    const tasks = await tasksOf(aws.clients, clusterName, services[process]!);
    const running = tasks.filter(({ lastStatus }) => lastStatus === 'RUNNING');
    const newest = running.toSorted((a, b) => (b.createdAt?.getTime() ?? 0) - (a.createdAt?.getTime() ?? 0))[0];
    if (newest?.containers?.some(({ name }) => name === 'migrate'))
      found.push(...(await migrationsOfTask(aws, newest, environment)));
  }
  return found;
}
