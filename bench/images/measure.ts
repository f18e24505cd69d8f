import { appendFile, mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Layer } from '../../images/oci/image/mod.ts';
import { hasEngine } from '../../test/images/oci/support/docker.ts';
import { dockerRegistry, startDockerRegistry } from '../../test/support/registries.ts';
import { type Sample, sampleOf } from '../sample.ts';
import { baseLayer, putBase } from './base.ts';
import { hasBuildah, openBuildah } from './buildah.ts';
import type { Contender, Place } from './contender.ts';
import { type Docker, openDocker } from './docker.ts';
import { openFairlead } from './fairlead.ts';
import { type ImageSize, sizeAbove } from './image-size.ts';
import { type Link, openLink, type Traffic } from './link.ts';
import type { CommandCost } from './measure-command.ts';
import { measureInstall, writePeerApplication } from './peer-application.ts';

/** Building and pushing the shop, in all ways there are on this machine. */
export interface ImagesFigures {
  links: LinkFigures[];
  /** What the image has above its base, by contender. */
  sizes: Record<string, ImageSize>;
  /** In bytes, compressed. */
  base: number;
  /** By contender: versions and settings. */
  details: Record<string, string>;
  /** Those that were not measured, and why. */
  missing: Record<string, string>;
  /** `npm ci` of the application, with nothing kept of a former one, in milliseconds: a Dockerfile has it inside. */
  install: number;
  /** The load of the machine before, over its cores: above a half, times are rough. */
  load: number;
  goals: typeof goals;
}

export interface LinkFigures {
  name: string;
  /** By contender: with empty stores, once. */
  fresh: Record<string, Run>;
  /** With what the runs before have left, by contender. */
  oneLine: Record<string, Run>;
  unchanged: Record<string, Run>;
  /** As `oneLine`, where the Dockerfile checks the types as Fairlead does. */
  checked?: Run;
}

export interface Run {
  wall: Sample;
  cpu: Sample;
  /** The most of all runs. */
  traffic: Traffic;
}

/** Times in milliseconds, `traffic` in bytes; the others are ratios to what is in their name. */
export const goals = {
  oneLine: 500,
  oneLineToDocker: 0.2,
  oneLineToBuildah: 0.5,
  freshToDocker: 0.1,
  unchanged: 300,
  unchangedPushed: 0,
  sizeToDocker: 0.5,
};

const links = { loopback: Number.POSITIVE_INFINITY, '50 MB/s': 50e6 };

export async function measureImages(rounds: number): Promise<ImagesFigures> {
  const figures: ImagesFigures = {
    links: [],
    sizes: {},
    base: Number.NaN,
    details: {},
    missing: missingHere(),
    install: Number.NaN,
    load: loadavg()[0]! / availableParallelism(),
    goals,
  };
  if (dockerRegistry === undefined) return figures;
  const home = await realpath(await mkdtemp(join(tmpdir(), 'fairlead-bench-')));
  try {
    const [peer, layers] = [join(home, 'peer'), join(home, 'layers')];
    await Promise.all([peer, layers].map((directory) => mkdir(directory)));
    const layer = await baseLayer(layers);
    await writePeerApplication(peer);
    figures.base = layer.descriptor.size;
    figures.install = await measureInstall(peer, join(home, 'install'));
    for (const [name, rate] of Object.entries(links)) {
      const directory = join(home, `link-${figures.links.length}`);
      await mkdir(directory);
      const { sizes, details, ...rest } = await measureLink({ directory, peer, layer, rate, rounds });
      figures.links.push({ name, ...rest });
      Object.assign(figures, { sizes, details });
    }
    return figures;
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

function missingHere(): Record<string, string> {
  if (dockerRegistry === undefined) return { everything: 'there is no docker-registry to push to' };
  return {
    ...(!hasEngine && { 'docker build + push': 'it takes root, dockerd and docker' }),
    ...(!hasBuildah && { 'buildah build + push': 'it takes root and buildah' }),
  };
}

interface Stage {
  directory: string;
  peer: string;
  layer: Layer;
  rate: number;
  rounds: number;
}

type StageFigures = Omit<LinkFigures, 'name'> & Pick<ImagesFigures, 'sizes' | 'details'>;

/** A registry that has the base and nothing else, a line to it, and everyone with empty stores. */
async function measureLink({ directory, peer, layer, rate, rounds }: Stage): Promise<StageFigures> {
  const registry = await startDockerRegistry(dockerRegistry!);
  try {
    // The base was there long before.
    await putBase(registry.host, layer);
    await using link = await openLink(registry.host, rate);
    const place: Place = { host: link.host, base: `${link.host}/base/node:24`, directory };
    await using stack = new AsyncDisposableStack();
    const fairlead = stack.use(await openFairlead(place));
    const docker = hasEngine ? stack.use(await openDocker(peer, place)) : undefined;
    const buildah = hasBuildah ? stack.use(await openBuildah(peer, place)) : undefined;
    const contenders: Contender[] = [fairlead, docker, buildah].filter((contender) => contender !== undefined);
    const fresh = await inTurns(contenders, link, 1, unprepared);
    const oneLine = await inTurns(contenders, link, rounds, changeOneLine);
    const unchanged = await inTurns(contenders, link, rounds, unprepared);
    const sizes = await sizesOf(contenders, layer, registry.host);
    const checked = docker && (await measureChecked(docker, link, rounds));
    const details = Object.fromEntries(contenders.map(({ name, detail }) => [name, detail]));
    return { fresh, oneLine, unchanged, sizes, details, ...(checked && { checked }) };
  } finally {
    await registry.stop();
  }
}

type Build = Pick<Contender, 'buildAndPush'>;

/** One after the other, round after round, so that whatever else the machine does meets all of them alike. */
async function inTurns<Way extends Build & { name: string }>(
  ways: Way[],
  link: Link,
  rounds: number,
  prepare: (way: Way) => Promise<void>,
): Promise<Record<string, Run>> {
  const measured = new Map<string, Measured[]>(ways.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const way of ways) {
      await prepare(way);
      measured.get(way.name)!.push(await measureOnce(way, link));
    }
  }
  return Object.fromEntries([...measured].map(([name, runs]) => [name, runOf(runs)]));
}

type Measured = CommandCost & { traffic: Traffic };

async function measureOnce({ buildAndPush }: Build, link: Link): Promise<Measured> {
  link.take();
  const cost = await buildAndPush();
  return { ...cost, traffic: link.take() };
}

function runOf(runs: Measured[]): Run {
  const most = (of: (traffic: Traffic) => number) => Math.max(...runs.map(({ traffic }) => of(traffic)));
  return {
    wall: sampleOf(runs.map(({ wall }) => wall)),
    cpu: sampleOf(runs.map(({ cpu }) => cpu)),
    traffic: {
      requests: most(({ requests }) => requests),
      pushed: most(({ pushed }) => pushed),
      pulled: most(({ pulled }) => pulled),
    },
  };
}

async function unprepared(): Promise<void> {}

let changes = 0;

async function changeOneLine({ sources }: Pick<Contender, 'sources'>): Promise<void> {
  changes += 1;
  await appendFile(join(sources, 'orders/orders.ts'), `Object.assign(globalThis, { change: ${changes} });\n`);
}

async function measureChecked(docker: Docker, link: Link, rounds: number): Promise<Run> {
  const way = { name: docker.name, sources: docker.sources, buildAndPush: () => docker.buildWith('build-checked') };
  await way.buildAndPush();
  const runs = await inTurns([way], link, rounds, changeOneLine);
  return runs[way.name]!;
}

async function sizesOf(contenders: Contender[], { diffId }: Layer, host: string): Promise<Record<string, ImageSize>> {
  const sizes: Record<string, ImageSize> = {};
  for (const { name, pushed } of contenders) sizes[name] = await sizeAbove(diffId, host, await pushed());
  return sizes;
}
