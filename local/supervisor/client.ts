import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Environment } from '../../pipeline/mod.ts';
import { UserError } from '../../pipeline/user-error.ts';
import { baseVariables } from '../base-variables.ts';
import { type Locks, lockName } from '../lock.ts';
import { isAlive, type ProcessIdentity, signal } from '../process-identity.ts';
import { makeDirectory, readJson, type State, stateError } from '../state.ts';
import { logPath, ownLogs } from './log-file.ts';
import {
  type DeployEvent,
  type DeployRequest,
  type Handle,
  protocolVersion,
  type Status,
  type TriggerResult,
} from './protocol.ts';

const main = fileURLToPath(new URL('main.ts', import.meta.url));

/** Where the command line has it (see cli/bin.js); the supervisor starts in half the time with it. */
const compileCache = fileURLToPath(new URL('../../node_modules/.cache/fairlead', import.meta.url));

/** Milliseconds a supervisor may take to be ready, or to end when told to before it is killed. */
const patience = 20_000;
const stopLimit = 30_000;

/** A supervisor that runs. */
export interface Supervision {
  identity: ProcessIdentity;
  handle: Handle;
}

/** The supervisor of the environment, if it runs. */
export function findSupervisor(state: State, locks: Locks, environment: Environment): Supervision | undefined {
  const identity = locks.holder(lockName('supervisor', environment));
  const handle = readJson<Handle>(join(state.environment(environment), 'run', 'supervisor.json'), {
    port: 'number',
    token: 'string',
  });
  return identity && handle?.pid === identity.pid ? { identity, handle } : undefined;
}

/**
 * Finds the supervisor or starts one. One that does not answer, or is of another version of Fairlead, is replaced.
 * @throws UserError FL4012
 */
export async function ensureSupervisor(state: State, locks: Locks, environment: Environment): Promise<Supervision> {
  const found = findSupervisor(state, locks, environment);
  if (found?.handle.version === protocolVersion && (await readStatus(found))) return found;
  if (found) await stopSupervisor(state, locks, environment);
  const directory = state.environment(environment);
  makeDirectory(join(directory, 'run'));
  makeDirectory(join(directory, 'logs'));
  const log = logPath(join(directory, 'logs'), ownLogs.supervisor);
  start(state, environment, log);
  for (const deadline = Date.now() + patience; Date.now() < deadline; await sleep(10)) {
    const supervision = findSupervisor(state, locks, environment);
    if (supervision) return supervision;
  }
  throw new UserError({
    code: 'FL4012',
    severity: 'error',
    message: `the supervisor of ${environment.application}/${environment.name} did not start: ${readFileSync(log, 'utf8').trim().split('\n').slice(-3).join(' · ')}`,
    help: `Look into ${log}, mend what it complains about, and run the command again.`,
  });
}

/** Ends the supervisor with all its processes; true when there was something to end. */
export async function stopSupervisor(state: State, locks: Locks, environment: Environment): Promise<boolean> {
  const identity = locks.holder(lockName('supervisor', environment));
  if (identity) await end(identity, findSupervisor(state, locks, environment)?.handle);
  const record = join(state.environment(environment), 'run', 'processes.json');
  const leftovers = (readJson<ProcessIdentity[]>(record, { length: 'number' }) ?? []).filter(isAlive);
  for (const leftover of leftovers) signal(leftover, 'SIGKILL');
  while (leftovers.some(isAlive)) await sleep(10);
  return identity !== undefined || leftovers.length > 0;
}

/** Undefined when it does not answer. */
export async function readStatus({ handle }: Supervision): Promise<Status | undefined> {
  try {
    return (await json(await ask(handle, 'GET', '/status', undefined, 10_000))) as Status;
  } catch {
    return undefined;
  }
}

/** The supervisor ended, or its connection broke, before a deployment was through: how far it came is not known. */
export class SupervisorLost extends Error {}

/** Deploys, telling every step; resolves to the last one. @throws SupervisorLost */
export async function deploy(
  { handle }: Supervision,
  request: DeployRequest,
  tell: (event: DeployEvent) => void,
): Promise<DeployEvent> {
  let last: DeployEvent | undefined;
  try {
    for await (const line of linesOf(await ask(handle, 'POST', '/deploy', request))) {
      last = JSON.parse(line) as DeployEvent;
      tell(last);
    }
  } catch (error) {
    throw new SupervisorLost((error as Error).message, { cause: error });
  }
  if (last && final.has(last.event)) return last;
  throw new SupervisorLost('it said nothing more');
}

/** Ended by line feeds alone: what a process has said may hold U+2028, at which `node:readline` would cut a line in two. */
async function* linesOf(input: IncomingMessage): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of input.setEncoding('utf8')) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}

/** With these a deployment ends. */
const final = new Set<DeployEvent['event']>(['done', 'unhealthy', 'port-in-use', 'broken']);

export async function trigger({ handle }: Supervision, job: string): Promise<TriggerResult> {
  return (await json(await ask(handle, 'POST', '/trigger', { job }))) as TriggerResult;
}

/** As a process of its own session, with nothing of ours but what every program needs. */
function start(state: State, { application, name }: Environment, log: string): void {
  let output: number;
  try {
    output = openSync(log, 'a', 0o600);
  } catch (error) {
    throw stateError(error, log);
  }
  const argv = ['--disable-warning=ExperimentalWarning', main, state.directory, application, name];
  spawn(process.execPath, argv, {
    cwd: '/',
    env: { ...baseVariables(), NODE_COMPILE_CACHE: compileCache },
    detached: true,
    stdio: ['ignore', output, output],
  }).unref();
  closeSync(output);
}

async function end(identity: ProcessIdentity, handle: Handle | undefined): Promise<void> {
  if (handle) ask(handle, 'POST', '/stop', undefined, stopLimit).catch(() => signal(identity, 'SIGKILL'));
  else signal(identity, 'SIGTERM');
  for (const deadline = Date.now() + stopLimit; isAlive(identity); await sleep(10))
    if (Date.now() > deadline) signal(identity, 'SIGKILL');
}

async function ask(
  handle: Handle,
  method: string,
  path: string,
  body?: unknown,
  timeout = 0,
): Promise<IncomingMessage> {
  const request = httpRequest({
    host: '127.0.0.1',
    port: handle.port,
    method,
    path,
    agent: false,
    timeout,
    headers: { authorization: `Bearer ${handle.token}`, 'content-type': 'application/json' },
  });
  // A connection that breaks after the head of the answer is told by its body; the event alone must not end the process.
  request.on('error', () => {});
  request.on('timeout', () => request.destroy(new Error('no answer in time')));
  request.end(body === undefined ? undefined : JSON.stringify(body));
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  if (response.statusCode !== 200) throw new Error(`the supervisor answered ${response.statusCode}`);
  return response;
}
