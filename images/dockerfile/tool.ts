import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProgramEnd } from '../run-program.ts';
import { dockerfileError } from './errors.ts';

/** What is to be built. Paths are absolute. */
export interface Job {
  /** The application: the context. */
  root: string;
  /** What is left out of the context is in a file of the same name and `.dockerignore` beside it. */
  dockerfile: string;
  /** Has the files that would have been shipped: the context `fairlead`. */
  files: string;
  /** `os/architecture`, each. */
  platforms: readonly string[];
  labels: Readonly<Record<string, string>>;
  /** A directory for what the tool writes: an image layout `out` and files of its own. */
  work: string;
}

/** Runs a program with the user's environment in the application's root. */
export type Run = (...command: [string, ...string[]]) => Promise<ProgramEnd>;

/** Builds into the layout `out`; what it could not do, if anything. */
export type Tool = (
  run: Run,
  job: Job,
  isRight: (platform: string) => Promise<boolean>,
) => Promise<Failure | undefined>;

export interface Failure {
  command: string;
  problem: string;
  tail: string[];
}

/**
 * `docker buildx` when its builder can write image layouts, else `buildah`.
 * @throws UserError FL2508 when neither can be used
 */
export async function chooseTool(run: Run, dockerfile: string): Promise<Tool> {
  const docker = await problemOfBuildx(run);
  if (docker === undefined) return buildx;
  if ((await run('buildah', '--version')).problem === undefined) return buildah;
  throw dockerfileError(
    'FL2508',
    dockerfile,
    `${dockerfile} takes docker buildx or buildah: ${docker}, and there is no buildah`,
    'Install one of them; or remove or rename the Dockerfile, and Fairlead builds the image without either.',
  );
}

/** Docker's own builder cannot write layouts, unless Docker keeps its images with containerd. */
async function problemOfBuildx(run: Run): Promise<string | undefined> {
  const { problem, stdout } = await run('docker', 'buildx', 'inspect');
  if (problem !== undefined) return 'there is no docker buildx that answers';
  const [, driver] = /^Driver:\s*(\S+)/m.exec(stdout) ?? [];
  if (driver !== 'docker') return undefined;
  const info = await run('docker', 'info', '--format', '{{json .DriverStatus}}');
  if (info.stdout.includes('io.containerd.snapshotter')) return undefined;
  return 'the builder of docker buildx cannot write image layouts (make one that can with "docker buildx create --use")';
}

export function buildxCommand({ root, dockerfile, files, platforms, labels, work }: Job): [string, ...string[]] {
  return [
    ...(['docker', 'buildx', 'build', '--file', dockerfile, '--platform', platforms.join(',')] as const),
    ...['--build-context', `fairlead=${files}`, '--provenance=false', '--sbom=false', '--progress=plain'],
    ...Object.entries(labels).flatMap(([name, value]) => ['--label', `${name}=${value}`]),
    ...['--output', `type=oci,tar=false,"dest=${join(work, 'out')}"`],
    root,
  ];
}

const buildx: Tool = async (run, job) => failureOf('docker buildx build', await run(...buildxCommand(job)));

export function buildahCommand(
  { root, dockerfile, files, labels }: Job,
  platform: string,
  idFile: string,
  cached: boolean,
): [string, ...string[]] {
  return [
    ...(['buildah', 'build', '--file', dockerfile, '--ignorefile', `${dockerfile}.dockerignore`] as const),
    ...['--platform', platform],
    ...['--build-context', `fairlead=${files}`, cached ? '--layers' : '--no-cache', '--iidfile', idFile],
    ...Object.entries(labels).flatMap(([name, value]) => ['--label', `${name}=${value}`]),
    root,
  ];
}

/**
 * One platform after the other, since a list of them would have what follows. In its cache buildah does not tell
 * platforms apart when an image begins with nothing: what was made for another one is then built without the cache.
 */
const buildah: Tool = async (run, job, isRight) => {
  for (const platform of job.platforms) {
    const failure =
      (await buildahOnce(run, job, platform, true)) ??
      ((await isRight(platform)) ? undefined : await buildahOnce(run, job, platform, false));
    if (failure) return failure;
  }
  return undefined;
};

async function buildahOnce(run: Run, job: Job, platform: string, cached: boolean): Promise<Failure | undefined> {
  const idFile = join(job.work, 'id');
  const built = failureOf('buildah build', await run(...buildahCommand(job, platform, idFile, cached)));
  if (built) return built;
  const id = await readFile(idFile, 'utf8');
  const target = `oci:${join(job.work, 'out')}:${platform.replaceAll('/', '-')}`;
  return failureOf('buildah push', await run('buildah', 'push', id.trim(), target));
}

function failureOf(command: string, { problem, tail }: ProgramEnd): Failure | undefined {
  return problem === undefined ? undefined : { command, problem, tail };
}
