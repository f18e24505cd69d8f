import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Graph } from '../../analyzer/mod.ts';
import { type AwsImages, createAwsTarget, openAwsImages } from '../../cdk/mod.ts';
import { type Layout, openLayout } from '../../images/oci/repository/mod.ts';
import { writeProvisioner } from '../../images/provisioner.ts';
import { scratchBases } from '../../images/scratch-bases.ts';
import {
  type Allocation,
  makePlan,
  type Plan,
  parseEnvironment,
  type Reporter,
  type Target,
} from '../../pipeline/mod.ts';
import { type FakeAws, type FakeAwsOptions, makeFakeAws } from '../../test/fakes/aws/fake.ts';
import { writeRelease } from './release.ts';

export const quiet: Reporter = { step: (_title, work) => work(), info: () => {}, warn: () => {} };

/** A fake account with the target for it. Milliseconds that the target waits pass on the clock of the fake. */
export interface Stage extends AsyncDisposable {
  aws: FakeAws;
  target: Target;
  images: AwsImages;
  /** Builds a release and brings its images to the account, with a value for each of its secrets. @param processes @default all-in-one */
  plan(graph: Graph, environment: string, version: number, processes?: Allocation): Promise<Plan>;
}

export async function openStage(options: FakeAwsOptions): Promise<Stage> {
  const directory = await mkdtemp(join(tmpdir(), 'fairlead-bench-'));
  const aws = await makeFakeAws(options);
  const layout = openLayout(join(directory, 'layout'));
  const now = () => aws.world.clock.now();
  const images = openAwsImages({ env: aws.env, provisioner: () => provisioner(layout), now });
  const target = createAwsTarget({
    env: aws.env,
    images,
    written: () => ({ aws: {}, overrides: {} }),
    now: () => new Date(now()),
    wait: (milliseconds) => aws.world.clock.sleep(milliseconds),
  });
  return {
    aws,
    target,
    images,
    plan: (...args) => planned({ layout, images, target, now }, ...args),
    async [Symbol.asyncDispose]() {
      await images.close();
      await aws.dispose();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function provisioner(layout: Layout) {
  const bases = await scratchBases(['linux/amd64']);
  return { digest: await writeProvisioner({ layout, bases, tool: '0.0.0' }), from: layout };
}

async function planned(
  { layout, images, target, now }: { layout: Layout; images: AwsImages; target: Target; now: () => number },
  graph: Graph,
  name: string,
  version: number,
  processes: Allocation = 'all-in-one',
): Promise<Plan> {
  const environment = parseEnvironment(graph.application, name);
  const release = await writeRelease(layout, graph, version);
  const to = await images.of(graph.application);
  await to.push(release, { at: new Date(now()) }, layout);
  for (const secret of graph.secrets)
    await target.secrets.set(graph.application, secret.name, 'bench', [{ type: environment.type }]);
  return makePlan({
    release,
    environment,
    settings: { processes, cron: environment.type !== 'preview', healthTimeout: 30_000 },
  });
}
