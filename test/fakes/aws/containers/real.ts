import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { World } from '../model.ts';
import type { Ecr } from '../services/ecr/model.ts';
import { certificateFile } from '../services/tls/certificate.ts';
import { type CommandLine, commandOf, searchPath, wholeCommand } from './command.ts';
import { type Control, startControl } from './control.ts';
import type { HookSettings } from './hook.ts';
import { createImageStore, type Unpacked } from './image-store.ts';
import { createLoopback, realOf } from './loopback.ts';
import { type Containers, type Exit, type HealthCheck, type Launch, type Running, StopError } from './model.ts';
import { checkPull } from './pull.ts';

/**
 * Health checks run in real time, since processes do: often at first, and a container that is not well after so long is UNHEALTHY, or
 * earlier if its own settings say so. Milliseconds.
 */
const health = { pace: 250, patience: 6000, later: 20_000 };

const hook = pathToFileURL(join(import.meta.dirname, 'hook.ts')).href;

/**
 * Containers as processes of this machine: the files of the image, its command, an address of the task's own, its role's credentials. What
 * the host's environment holds stays outside.
 */
export function createRealContainers(world: World): Containers {
  const images = createImageStore(world);
  const loopback = createLoopback();
  /** By ARN of the task. */
  const addresses = new Map<string, Promise<string>>();
  /** By private address. */
  const real = new Map<string, string>();
  const unpacked = new Map<string, Unpacked>();
  const children = new Set<ChildProcess>();
  let control: Promise<Control> | undefined;
  const killAll = () => {
    for (const child of children) signalGroup(child, 'SIGKILL');
  };
  process.on('exit', killAll);
  let isOver = false;

  const addressOf = ({ arn, address }: Launch['task']) => {
    const known = addresses.get(arn) ?? loopback.next();
    addresses.set(arn, known);
    return known.then((found) => {
      real.set(address, found);
      return found;
    });
  };

  function begin({ file, args }: CommandLine, cwd: string, env: Record<string, string>): ChildProcess {
    if (isOver) throw new StopError('CannotStartContainerError: the fake is gone');
    const child = spawn(file, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    children.add(child);
    child.once('close', () => children.delete(child));
    return child;
  }

  return {
    async pull(image, pull) {
      const pulled = await checkPull(world, image, pull);
      const name = (world.services.get('ecr') as Ecr | undefined)?.parse(image);
      if (!name || !pulled.digest)
        throw new StopError(
          `CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref ${image}: ${image}: not found`,
        );
      unpacked.set(pulled.digest, await images.get(name, pulled.digest, pull));
      return pulled;
    },
    async start(launch) {
      const image = unpacked.get(launch.digest ?? '');
      if (!image) throw new StopError(`CannotStartContainerError: ${launch.image} was not pulled`);
      const address = await addressOf(launch.task);
      control ??= startControl(world, (one) => real.get(one));
      const env = environmentOf(launch, image, { address, world, control: await control });
      const cwd = join(image.root, launch.workingDirectory ?? image.config.WorkingDir ?? '/');
      const child = begin(commandOf(wholeCommand(launch, image.config), image), cwd, env);
      return runningOf(child, launch, {
        address,
        check: ({ command: [kind, ...words] }) =>
          passes(
            begin(
              kind === 'CMD' ? commandOf(words, image) : { file: '/bin/sh', args: ['-c', words.join(' ')] },
              cwd,
              env,
            ),
          ),
      });
    },
    async dispose() {
      isOver = true;
      killAll();
      process.off('exit', killAll);
      await Promise.all([...children].map(closed));
      loopback.dispose();
      await (await control)?.dispose();
      await images.dispose();
    },
  };
}

function environmentOf(
  { task, environment, ports }: Launch,
  { config }: Unpacked,
  { address, world, control }: { address: string; world: World; control: Control },
): Record<string, string> {
  const settings: HookSettings = { control: control.url, address, ports };
  const [port] = ports;
  const image = Object.fromEntries(
    (config.Env ?? []).map((entry) => entry.split(/=(.*)/s).slice(0, 2) as [string, string]),
  );
  const { NODE_OPTIONS = '', ...own } = { ...image, ...environment };
  const at = port === undefined ? undefined : realOf(address, Number(own.PORT ?? port));
  return {
    ...own,
    PATH: searchPath,
    HOME: '/tmp',
    HOSTNAME: `ip-${task.address.replaceAll('.', '-')}.${task.region}.compute.internal`,
    ...(at && { HOST: at.host, PORT: String(at.port) }),
    AWS_REGION: task.region,
    AWS_DEFAULT_REGION: task.region,
    AWS_EXECUTION_ENV: 'AWS_ECS_FARGATE',
    AWS_ENDPOINT_URL: world.url,
    AWS_EC2_METADATA_DISABLED: 'true',
    NODE_EXTRA_CA_CERTS: certificateFile,
    ...control.credentialsOf(task),
    FAKE_AWS_TASK: JSON.stringify(settings),
    NODE_OPTIONS: `${NODE_OPTIONS} --disable-warning=ExperimentalWarning --import=${hook}`.trim(),
  };
}

function runningOf(
  child: ChildProcess,
  { healthCheck, log }: Launch,
  { address, check }: { address: string; check: (check: HealthCheck) => Promise<boolean> },
): Running {
  for (const stream of [child.stdout, child.stderr]) if (stream) createInterface({ input: stream }).on('line', log);
  const ended = new AbortController();
  const exited = new Promise<Exit>((resolve) => {
    child.once('error', (error) => resolve({ code: 127, reason: `CannotStartContainerError: ${error.message}` }));
    child.once('close', (code, signal) => resolve({ code: code ?? 128 + (signal ? constants.signals[signal] : 0) }));
  });
  void exited.then(() => ended.abort());
  return {
    exited,
    onHealth(listener) {
      if (healthCheck) follow(healthCheck, check, listener, ended.signal).catch(() => undefined);
    },
    async stop(seconds) {
      if (ended.signal.aborted) return;
      signalGroup(child, 'SIGTERM');
      await Promise.race([
        exited,
        sleep(seconds * 1000, undefined, { ref: false, signal: ended.signal }).catch(() => undefined),
      ]);
      if (!ended.signal.aborted) signalGroup(child, 'SIGKILL');
    },
    reach: (port) => (ended.signal.aborted ? undefined : { kind: 'real', ...realOf(address, port) }),
  };
}

async function follow(
  settings: HealthCheck,
  check: (check: HealthCheck) => Promise<boolean>,
  listener: (health: 'HEALTHY' | 'UNHEALTHY') => void,
  signal: AbortSignal,
): Promise<void> {
  const patience = Math.min(health.patience, (settings.startPeriod + settings.interval * settings.retries) * 1000);
  const began = Date.now();
  let told: 'HEALTHY' | 'UNHEALTHY' | undefined;
  const tell = (what: 'HEALTHY' | 'UNHEALTHY') => {
    if (told !== what && !signal.aborted) listener(what);
    told = what;
  };
  for (let failures = 0; !signal.aborted; ) {
    const isWell = await check(settings);
    failures = isWell ? 0 : failures + 1;
    if (isWell) tell('HEALTHY');
    else if (told === 'HEALTHY' ? failures >= settings.retries : Date.now() - began > patience) tell('UNHEALTHY');
    const pause = told === 'HEALTHY' ? health.later : health.pace;
    await sleep(pause, undefined, { ref: false, signal }).catch(() => undefined);
  }
}

async function passes(child: ChildProcess): Promise<boolean> {
  child.stdout?.resume();
  child.stderr?.resume();
  const limit = setTimeout(() => signalGroup(child, 'SIGKILL'), health.patience).unref();
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(127));
    child.once('close', resolve);
  });
  clearTimeout(limit);
  return code === 0;
}

/** The process and all that it started. */
function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // It has ended.
  }
}

function closed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => child.once('close', () => resolve()));
}
