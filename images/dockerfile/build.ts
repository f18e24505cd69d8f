import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Diagnostic, Digest, Reporter, UserError } from '../../pipeline/mod.ts';
import { isMissing } from '../files.ts';
import { type Descriptor, type ImageConfig, type Index, type Manifest, mediaTypes } from '../oci/descriptor.ts';
import { encode } from '../oci/image/image.ts';
import type { LayerFile } from '../oci/image/mod.ts';
import { parseJson } from '../oci/repository/content.ts';
import { parseEntries } from '../oci/repository/layout/entries.ts';
import { copy, type Layout, openLayout, type Repository } from '../oci/repository/mod.ts';
import { manifestLimit } from '../oci/repository/repository.ts';
import { readAll } from '../oci/repository/verify.ts';
import { runProgram } from '../run-program.ts';
import { writeContext } from './context.ts';
import { dockerfileError } from './errors.ts';
import { leaveOutSecrets } from './ignore.ts';
import { chooseTool, type Failure, type Run } from './tool.ts';

export interface DockerfileBuild {
  /** The application's root. */
  root: string;
  /** Relative to the root, as `dockerfileOf` answers. */
  dockerfile: string;
  /** The application's name, and the process as in `imageKey`. */
  application: string;
  key: string;
  /** What the image would have had without the Dockerfile, which can copy it from the context `fairlead`. */
  files: readonly LayerFile[];
  /** Of these files and those of the application, the ones that may be there although they look as if they held secrets. @default none */
  allowed?: readonly string[];
  /** `os/architecture`, each. */
  platforms: readonly string[];
  to: Repository;
  /** The user's environment, with the credentials that images are fetched with. */
  env: Readonly<Record<string, string | undefined>>;
  report: Pick<Reporter, 'step' | 'warn'>;
  signal?: AbortSignal | undefined;
}

/**
 * Builds the image of a process from a Dockerfile, with docker buildx or buildah, and puts it into a repository: an index over
 * its platforms, whose digest it answers. Another build may give another digest, which a warning says.
 * @throws UserError FL2508 without a tool, FL2509 when the build fails, FL2510 when no process can be made of its result
 */
export async function buildDockerfile(build: DockerfileBuild): Promise<Digest> {
  const { report, dockerfile, key } = build;
  const work = await mkdtemp(join(tmpdir(), 'fairlead-dockerfile-'));
  try {
    const images = await report.step(`Build ${dockerfile}`, () => runTool(build, work));
    warn(report, {
      code: 'FL2515',
      message: `the image of ${key} comes from ${dockerfile}: another build of the same sources may give another one`,
    });
    checkConfigs(build, images);
    return await publish(build, openLayout(join(work, 'out')), images);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** An image of one platform. */
interface Built {
  platform: string;
  manifest: Descriptor;
  config: ImageConfig;
}

async function runTool(build: DockerfileBuild, work: string): Promise<Built[]> {
  const { root, platforms, env, signal, allowed = [] } = build;
  const run: Run = (...command) => runProgram(command, { directory: root, env, signal });
  const tool = await chooseTool(run, build.dockerfile);
  const files = join(work, 'files');
  await mkdir(files);
  await writeContext(files, build.files, allowed);
  const { dockerfile, leftOut } = await leaveOutSecrets(
    { root, dockerfile: build.dockerfile, allowed },
    join(work, 'from'),
  );
  if (leftOut.length > 0) warn(build.report, leavingOut(build.dockerfile, leftOut));
  const job = { root, dockerfile, files, platforms, labels: labelsOf(build), work };
  const layout = openLayout(join(work, 'out'));
  const find = async (platform: string) => (await builtIn(layout)).find((image) => image.platform === platform);
  const failure = await tool(run, job, async (platform) => (await find(platform)) !== undefined);
  if (failure) throw failed(build.dockerfile, failure);
  const images = await Promise.all(platforms.map(find));
  return images.map((image, index) => {
    if (image) return image;
    throw unfit(
      build.dockerfile,
      `it made no image for ${platforms[index]}`,
      'Let the Dockerfile build for every platform.',
    );
  });
}

/** Everything in the layout that is an image, by what its config says; the entries of other tools may say nothing. */
async function builtIn(layout: Layout): Promise<Built[]> {
  const index = await readFile(join(layout.place, 'index.json')).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  const entries = (index && parseEntries(index)) ?? [];
  return (await Promise.all(entries.map(({ descriptor }) => imagesOf(layout, descriptor)))).flat();
}

async function imagesOf(layout: Layout, { digest }: Descriptor): Promise<Built[]> {
  const found = await layout.manifest(digest);
  const value = (found && parseJson(found.bytes)) as Partial<Index & Manifest> | undefined;
  if (value?.manifests) return (await Promise.all(value.manifests.map((child) => imagesOf(layout, child)))).flat();
  if (!found || !value?.config) return [];
  const bytes = await readAll(layout.readBlob(value.config), manifestLimit);
  const config = bytes && (parseJson(bytes) as ImageConfig | undefined);
  return config ? [{ platform: `${config.os}/${config.architecture}`, manifest: found.descriptor, config }] : [];
}

function checkConfigs({ dockerfile, key, report }: DockerfileBuild, images: readonly Built[]): void {
  for (const { platform, config } of images) {
    const { Entrypoint, Cmd } = config.config ?? {};
    if ((Entrypoint ?? []).length > 0 || (Cmd ?? []).length > 0) continue;
    throw unfit(
      dockerfile,
      `its image for ${platform} has no command`,
      'End it with ENTRYPOINT ["node"] and CMD ["main.mjs"].',
    );
  }
  if (images.some(({ config }) => /^(root|0)?(:|$)/.test(config.config?.User ?? '')))
    warn(report, { code: 'FL2513', message: `the image of ${key} runs as root; add "USER 65532" to ${dockerfile}` });
}

/** Copies the images and puts an index over them, as every other process has one. */
async function publish(build: DockerfileBuild, from: Layout, images: readonly Built[]): Promise<Digest> {
  const { to, signal } = build;
  for (const { manifest } of images) await copy(from, to, manifest.digest, { mend: true, signal });
  const manifests = images.map(({ manifest: { mediaType, digest, size }, config: { os, architecture } }) => ({
    ...{ mediaType, digest, size },
    platform: { os, architecture },
  }));
  const index = {
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests,
    annotations: labelsOf(build),
  } satisfies Index;
  const { bytes, descriptor } = encode(mediaTypes.index, index);
  await to.putManifest(bytes, descriptor.mediaType, undefined, { signal });
  return descriptor.digest;
}

function labelsOf({ application, key }: DockerfileBuild): Record<string, string> {
  return { 'org.opencontainers.image.title': `${application} ${key}` };
}

function warn(report: Pick<Reporter, 'warn'>, { code, message }: Pick<Diagnostic, 'code' | 'message'>): void {
  report.warn(`${code}: ${message}`);
}

function leavingOut(dockerfile: string, files: readonly string[]): Pick<Diagnostic, 'code' | 'message'> {
  const names = files.map((file) => JSON.stringify(file)).join(', ');
  return {
    code: 'FL2517',
    message: `${dockerfile} cannot copy ${names}, which may hold secrets; name them in .dockerignore, or in \`build.allowSecrets\` of fairlead.json when they hold none`,
  };
}

function failed(dockerfile: string, { command, problem, tail }: Failure): UserError {
  const said = tail.length > 0 ? `. Its last words:\n${tail.map((line) => `    ${line}`).join('\n')}` : '';
  return dockerfileError(
    'FL2509',
    dockerfile,
    `${dockerfile} cannot be built with ${command}: ${problem}${said}`,
    'The context is the root of the application, without what .dockerignore leaves out and what looks like a secret; the context `fairlead` has the built files.',
  );
}

function unfit(dockerfile: string, how: string, help: string): UserError {
  return dockerfileError('FL2510', dockerfile, `no process can be made of ${dockerfile}: ${how}`, help);
}
