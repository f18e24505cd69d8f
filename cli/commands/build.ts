import { readLock } from '../../images/base/lock.ts';
import type { BaseInput } from '../../images/base/mod.ts';
import type { Pushed } from '../../images/registries/mod.ts';
import { build as buildRelease, type Clock, type Release, shortDigest } from '../../pipeline/mod.ts';
import type { BaseFinder } from '../base-image.ts';
import { bytes } from '../bytes.ts';
import type { Context, Result } from '../context.ts';
import { paint } from '../paint.ts';
import { localBuilder, openStore, type Store } from '../store.ts';
import { aligned } from '../summary.ts';

export interface BuildOptions {
  /** The environment that it is for. */
  env?: string;
  /** The registry to bring it to. */
  push?: string;
  /** The release that must come out; nothing is kept or sent then. */
  verify?: string;
  /** Where that release is. @default on this machine */
  registry?: string;
}

const clock: Clock = { now: () => new Date() };

/** Builds the application into a release that is kept here, and brings it to a registry. */
export async function build(context: Context, { env, push, verify, registry }: BuildOptions): Promise<Result> {
  if (verify !== undefined) return (await import('./verify-build.ts')).verifyBuild(context, verify, registry);
  const store = openStore(context);
  const base = await baseOf(context, store, push !== undefined);
  try {
    const release = await buildHere(context, store, base, env);
    const pushed = push === undefined ? undefined : await bringTo(push, release, { context, store, base, env });
    return { document: documentOf(release, pushed), text: render(release, pushed) };
  } finally {
    await base?.close();
  }
}

/** Without a base an image needs a machine that has Node itself, as this one does. A registry's images need one. */
async function baseOf(context: Context, { config }: Store, needed: boolean): Promise<BaseFinder | undefined> {
  const lock = await readLock(context.directory);
  const wanted: Pick<BaseInput, 'lock' | 'config'> = { lock, config: { base: config.build.base } };
  if (!needed && lock === undefined && config.build.base === undefined) return undefined;
  const { openBase } = await import('../base-image.ts');
  return openBase(context, wanted);
}

async function buildHere(
  context: Context,
  { application, config, repository, registry }: Store,
  base: BaseFinder | undefined,
  environment: string | undefined,
): Promise<Release> {
  const builder = localBuilder(repository, context, base && ((platforms) => base.find(platforms)));
  const request = { application, root: context.directory, config, ...(environment !== undefined && { environment }) };
  return buildRelease(request, { builder, registry, clock, report: context.report });
}

interface Surroundings {
  context: Context;
  store: Store;
  base: BaseFinder | undefined;
  env: string | undefined;
}

type PushedTo = Pushed & { registry: string };

async function bringTo(
  registry: string,
  release: Release,
  { context: { report }, store: { application, repository }, base, env }: Surroundings,
): Promise<PushedTo> {
  const [{ openDestination }, { pushRelease }] = await Promise.all([
    import('../../images/registries/mod.ts'),
    import('../../images/push-release.ts'),
  ]);
  const to = await openDestination(registry, application, {
    env: process.env,
    warn: ({ code, message }) => report.warn(`${code}: ${message}`),
  });
  try {
    const { place } = to.repository;
    const mark = { at: clock.now(), ...(env !== undefined && { environment: env }) };
    const pushed = await report.step(`Push to ${place}`, () =>
      pushRelease({ release, mark, from: repository, base: base?.repository(), to }),
    );
    return { ...pushed, registry: place };
  } finally {
    await to.close();
  }
}

function documentOf({ digest, content, source }: Release, pushed: PushedTo | undefined) {
  const { images, migrate, base, databases, unreproducible } = content;
  return {
    release: digest,
    source,
    images,
    ...(migrate && { migrate }),
    ...(base && { base }),
    databases,
    ...(unreproducible && { unreproducible }),
    ...(pushed && { pushed }),
  };
}

function render({ digest, content }: Release, pushed: PushedTo | undefined): string {
  const { graph, images, base, unreproducible = [] } = content;
  const rows: [string, string][] = [
    ['base', base ? `${base.image} ${shortDigest(base.digest)}` : 'none: for a machine that has Node itself'],
    ...Object.entries(images).map(([key, image]): [string, string] => [
      key,
      `${image}${unreproducible.includes(key) ? paint('yellow', ' (from a Dockerfile: not reproducible)') : ''}`,
    ]),
    ['pushed', pushed ? `${bytes(pushed.bytesPushed)} to ${pushed.registry}` : ''],
  ];
  return [`${paint('bold', graph.application)} is built: ${digest}`, ...aligned(rows)].join('\n');
}
