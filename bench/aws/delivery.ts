import { analyze, type Graph } from '../../analyzer/mod.ts';
import { readAccount } from '../../cdk/account.ts';
import { preflight } from '../../cdk/apply/preflight.ts';
import type { Aws } from '../../cdk/aws.ts';
import { openClients } from '../../cdk/clients.ts';
import { costOf, ownShare } from '../../cdk/cost/cost.ts';
import type { Template } from '../../cdk/model.ts';
import { foundationStackName, stackName } from '../../cdk/names.ts';
import { createSecretStore } from '../../cdk/secrets.ts';
import { deleteStack } from '../../cdk/stacks/delete.ts';
import { readTemplate } from '../../cdk/stacks/read.ts';
import { updateStack } from '../../cdk/stacks/update.ts';
import type { Plan } from '../../pipeline/mod.ts';
import type { Launch } from '../../test/fakes/aws/containers/model.ts';
import type { Script } from '../../test/fakes/aws/containers/scripted.ts';
import { inKit } from '../shop.ts';
import { drive } from './drive.ts';
import { fullSettings, synthesizeFullStack } from './full-stack.ts';
import { openStage, quiet, type Stage } from './stage.ts';

/** Something done in an account: virtual seconds, and how many calls of AWS it took. */
export interface Done {
  seconds: number;
  calls: number;
}

/** What it takes to have a preview of each kind, on the virtual clock. */
export interface Deliveries {
  /** With what lies under previews there already. */
  first: Done;
  update: Done;
  teardown: Done;
}

export interface DeliveryFigures {
  /** What lies under previews, once. */
  foundation: Done;
  shared: Deliveries;
  /** Of what is a preview's own. `monthly` in US dollars, while nobody uses it. */
  size: { resources: number; bytes: number; monthly: number; items: { what: string; monthly: number }[] };
  /** One full stack for each pull request. */
  full: Deliveries;
  fullSize: { resources: number; bytes: number; monthly: number };
  /** Of what lies under all previews together, in US dollars a month. */
  sharedMonthly: number;
  assumed: typeof assumed;
  /** Seconds; `resources` is a number. */
  goals: { first: number; update: number; teardown: number; resources: number };
}

/** Virtual milliseconds that nothing published says: of a call of AWS, and of programs on a quarter of a processor. */
const assumed = { call: 100, provision: 2000, migrate: 3000, start: 4000 };

/** Puts previews of the shop up, changes them and takes them down, on the clock of a fake AWS. */
export async function measureDelivery(): Promise<DeliveryFigures> {
  const { graph, diagnostics } = await analyze({ root: inKit('examples/shop') });
  if (!graph) throw new Error(JSON.stringify(diagnostics));
  await using stage = await openStage({ clock: 'manual', containers: scriptOf, start: '2026-11-02T09:00:00Z' });
  stage.aws.world.faults.add({
    when: ({ service }) => service !== 'cloudformation-resource',
    times: Number.POSITIVE_INFINITY,
    effect: { kind: 'delay', milliseconds: assumed.call },
  });
  const shared = await ownStacks(stage, graph);
  const full = await fullStacks(stage, graph);
  return { ...shared, ...full, assumed, goals: { first: 150, update: 75, teardown: 120, resources: 30 } };
}

function scriptOf({ name }: Launch): Script {
  if (name.startsWith('provision')) return { exitsAfter: assumed.provision };
  return name === 'migrate' ? { exitsAfter: assumed.migrate } : { healthyAfter: assumed.start };
}

async function ownStacks(stage: Stage, graph: Graph) {
  const { target, aws } = stage;
  const put = async (environment: string, version: number) => {
    const { result: plan } = await drive(aws.world.clock, () => stage.plan(graph, environment, version));
    return done(stage, () => target.apply(plan, quiet));
  };
  const before = await put('pr-1', 1);
  const first = await put('pr-2', 1);
  const update = await put('pr-2', 2);
  const pullRequest = { application: graph.application, name: 'pr-2', type: 'preview' } as const;
  const clients = openClients(aws.env);
  try {
    const names = [stackName(pullRequest), foundationStackName(graph.application, 'preview')];
    const read = (name: string) => readTemplate(clients, name);
    const { result } = await drive(aws.world.clock, () => Promise.all(names.map(read)));
    const [environment, foundation] = result;
    if (!environment || !foundation) throw new Error(`there are no stacks ${names.join(' and ')}`);
    const cost = costOf({ region: aws.world.region, environment, foundation });
    const teardown = await done(stage, async () => {
      const { left } = await target.destroy(pullRequest, quiet);
      if (left.length > 0) throw new Error(`left: ${JSON.stringify(left)}`);
    });
    return {
      foundation: { seconds: before.seconds - first.seconds, calls: before.calls - first.calls },
      shared: { first, update, teardown },
      size: {
        ...sizeOf(environment),
        monthly: ownShare(cost),
        items: cost.items.filter(({ what }) => !what.startsWith('shared: ')),
      },
      sharedMonthly: costOf({ region: aws.world.region, foundation }).monthly,
    };
  } finally {
    await clients.close();
  }
}

async function fullStacks(stage: Stage, graph: Graph) {
  const { aws, images } = stage;
  const { clock, region } = aws.world;
  const clients = openClients(aws.env);
  const time = { now: () => new Date(clock.now()), wait: (milliseconds: number) => clock.sleep(milliseconds) };
  try {
    const { result: account } = await drive(clock, () => readAccount(clients));
    const secrets = createSecretStore(clients);
    const at: Aws = { clients, account, time, images, secrets, written: () => ({ aws: {}, overrides: {} }) };
    const synthesized = async (plan: Plan) =>
      synthesizeFullStack({ account, plan, settings: fullSettings(plan), ...(await preflight(at, plan, false)) });
    const put = async (version: number) => {
      const { result: plan } = await drive(clock, () => stage.plan(graph, 'pr-3', version));
      return done(stage, async () => updateStack(at, await synthesized(plan), quiet));
    };
    const first = await put(1);
    const update = await put(2);
    const { result: plan } = await drive(clock, () => stage.plan(graph, 'pr-3', 2));
    const { result: stack } = await drive(clock, () => synthesized(plan));
    const teardown = await done(stage, async () => {
      const left = await deleteStack(at, stack.name, quiet);
      if (left.length > 0) throw new Error(`left: ${JSON.stringify(left)}`);
    });
    const { template } = stack;
    const { monthly } = costOf({ region, environment: template });
    return { full: { first, update, teardown }, fullSize: { ...sizeOf(template), monthly } };
  } finally {
    await clients.close();
  }
}

async function done({ aws: { world } }: Stage, work: () => Promise<unknown>): Promise<Done> {
  const before = world.journal.length;
  const { milliseconds } = await drive(world.clock, work);
  return { seconds: milliseconds / 1000, calls: world.journal.length - before };
}

function sizeOf(template: Template): { resources: number; bytes: number } {
  return { resources: Object.keys(template.Resources).length, bytes: Buffer.byteLength(JSON.stringify(template)) };
}
