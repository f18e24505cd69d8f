import type { BaseFinder } from '../../images/base-finder.ts';
import type { CopyEvent } from '../../images/oci/repository/copy.ts';
import type { Destination, Pushed } from '../../images/registries/mod.ts';
import { build as buildRelease, type Mark, parseEnvironment, type Release, shortDigest } from '../../pipeline/mod.ts';
import { baseOf } from '../base.ts';
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

/** Builds the application into a release that is kept here, and brings it to a registry. */
export async function build(context: Context, { env, push, verify, registry }: BuildOptions): Promise<Result> {
  if (verify !== undefined) return (await import('./verify-build.ts')).verifyBuild(context, verify, { registry });
  const store = openStore(context);
  if (env !== undefined) parseEnvironment(store.application, env);
  const destination = push === undefined ? undefined : await openPush(context, store, push, env);
  const base = await baseOf(context, store.config, { needed: destination !== undefined });
  try {
    const release = await buildHere(context, store, base, env);
    const pushed = destination && (await bringTo(destination, { release, env, context, store, base }));
    return { document: documentOf(release, pushed), text: render(release, pushed) };
  } finally {
    await Promise.all([base?.close(), destination?.close()]);
  }
}

/** Before anything is built: what is wrong with the registry's name shall not wait. */
async function openPush(
  { report }: Context,
  { application }: Store,
  registry: string,
  environment: string | undefined,
): Promise<Destination> {
  const { openDestination } = await import('../../images/registries/mod.ts');
  return openDestination(registry, application, {
    env: process.env,
    lasting: environment === undefined ? [] : [environment],
    warn: ({ code, message, help }) => report.warn(`${code}: ${message}. ${help}`),
  });
}

async function buildHere(
  context: Context,
  { application, config, repository, registry }: Store,
  base: BaseFinder | undefined,
  environment: string | undefined,
): Promise<Release> {
  const builder = localBuilder(repository, context, base ? { base: (platforms) => base.find(platforms) } : {});
  const request = { application, root: context.directory, config, ...(environment !== undefined && { environment }) };
  return buildRelease(request, { builder, registry, clock: { now: () => new Date() }, report: context.report });
}

interface Parts {
  release: Release;
  env: string | undefined;
  context: Context;
  store: Store;
  base: BaseFinder | undefined;
}

type PushedTo = Pushed & { registry: string };

async function bringTo(to: Destination, { release, env, context, store, base }: Parts): Promise<PushedTo> {
  const { pushRelease } = await import('../../images/push-release.ts');
  const { place } = to.repository;
  // From when it is there for others, however long the build took.
  const mark: Mark = { at: new Date(), ...(env !== undefined && { environment: env }) };
  const pushed = await context.report.step(`Push to ${place}`, () =>
    pushRelease({
      ...{ release, mark, from: store.repository, base: base?.repository(), to },
      signal: context.interruption.signal,
      onProgress: tellProgress(context),
    }),
  );
  return { ...pushed, registry: place };
}

/** From this size on the way of a part is worth a line: it takes a while. */
const noteworthy = 1_000_000;

function tellProgress({ report }: Context): (event: CopyEvent) => void {
  return ({ descriptor: { size, digest }, state }) => {
    if (size < noteworthy || state === 'copying' || state === 'present') return;
    report.info(
      `${bytes(size)} ${state === 'copied' ? 'sent' : 'taken over in the registry'} (${shortDigest(digest)})`,
    );
  };
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
