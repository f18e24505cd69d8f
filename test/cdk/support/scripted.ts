import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Clients, openClients } from '../../../cdk/clients.ts';
import { createAwsTarget, openAwsImages } from '../../../cdk/mod.ts';
import type { AwsWritten } from '../../../cdk/model.ts';
import { LayerMaker, workingDirectory } from '../../../images/layer-maker.ts';
import { openLayout } from '../../../images/oci/repository/mod.ts';
import { sealRelease } from '../../../images/release/mod.ts';
import { scratchBases } from '../../../images/scratch-bases.ts';
import { filesOf, writeImage } from '../../../images/write-image.ts';
import {
  type ApplyOptions,
  databaseSchemas,
  type Environment,
  type Foresight,
  type Graph,
  imageKey,
  type Outcome,
  processesOf,
  type Release,
  type Reporter,
  type Settings,
  type Target,
} from '../../../pipeline/mod.ts';
import { canonicalDigest } from '../../../pipeline/release.ts';
import { planOf, quiet } from '../../conformance/tiny-app.ts';
import type { Launch } from '../../fakes/aws/containers/model.ts';
import type { Script } from '../../fakes/aws/containers/scripted.ts';
import { type FakeAws, type FakeAwsOptions, makeFakeAws } from '../../fakes/aws/fake.ts';

/** An account whose containers do what a test says, on a clock that leaps. */
export interface ScriptedAws extends AsyncDisposable {
  aws: FakeAws;
  clients: Clients;
  target: Target;
  /** Builds a release that has nothing but its Graph and a name, and applies it. */
  deploy(graph: Graph, version: string, options: DeployOptions): Promise<Outcome>;
  /** What that would do. */
  foresee(graph: Graph, version: string, environment: Environment): Promise<Foresight>;
}

export interface DeployOptions extends ApplyOptions {
  environment: Environment;
  settings?: Partial<Settings>;
  report?: Reporter;
  /** Whoever deploys, which is a tag of everything. @default nobody in particular */
  repository?: string;
}

/** Waits are short: what takes time in AWS passes on the clock of the fake. Milliseconds. */
const longestWait = 5;

export async function makeScriptedAws(
  /** @default it runs on and is well */
  scriptOf: (launch: Launch) => Script = () => ({}),
  { clock = 'instant', ...written }: Partial<AwsWritten> & Pick<FakeAwsOptions, 'clock'> = {},
): Promise<ScriptedAws> {
  const directory = await mkdtemp(join(tmpdir(), 'fairlead-scripted-'));
  const aws = await makeFakeAws({ containers: scriptOf, clock });
  const layout = openLayout(join(directory, 'layout'));
  const bases = await scratchBases(['linux/amd64']);
  const image = async (name: string) => {
    const own = [{ path: 'main.mjs', bytes: Buffer.from(name) }];
    const layers = [{ files: filesOf(own), createdBy: 'test' }];
    const settings = { entrypoint: bases.entrypoint, cmd: ['main.mjs'], workingDirectory, env: {} };
    const maker = new LayerMaker({ repository: layout, allowed: [] });
    return writeImage({ name, layers, own, packages: [], settings }, bases, { repository: layout, layers: maker });
  };
  const images = openAwsImages({
    env: aws.env,
    provisioner: async () => ({ digest: await image('provisioner'), from: layout }),
  });
  const clients = openClients(aws.env);
  const open = (repository?: string) =>
    createAwsTarget({
      env: aws.env,
      images,
      written: () => ({ aws: {}, overrides: {}, ...written }),
      now: () => new Date(aws.world.clock.now()),
      wait: (milliseconds) => sleep(Math.min(milliseconds, longestWait)),
      ...(repository !== undefined && { repository }),
    });
  const target = open();
  const releaseOf = async (graph: Graph, version: string): Promise<Release> => {
    const keys = (['all-in-one', 'per-service'] as const).flatMap((allocation) =>
      processesOf(graph, allocation).map(({ name }) => imageKey(allocation, name)),
    );
    const made = await Promise.all(keys.map(async (key) => [key, await image(`${key} ${version}`)] as const));
    const content: Release['content'] = {
      ...({ version: 2, tool: '0.0.0', graph, inputs: {} } as const),
      images: Object.fromEntries(made),
      databases: databaseSchemas(graph),
      ...(graph.databases.length > 0 && { migrate: 'all-in-one/app' }),
    };
    return sealRelease(content, { hash: canonicalDigest({ version }) });
  };
  return {
    ...{ aws, clients, target },
    async deploy(graph, version, { environment, settings = {}, report = quiet, repository, ...options }) {
      const release = await releaseOf(graph, version);
      await (await images.of(graph.application)).push(release, { at: new Date() }, layout);
      return open(repository).apply(planOf(release, environment, settings), report, options);
    },
    async foresee(graph, version, environment) {
      return target.cloud!.foresee(planOf(await releaseOf(graph, version), environment), quiet);
    },
    async [Symbol.asyncDispose]() {
      await clients.close();
      await images.close();
      await aws.dispose();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
