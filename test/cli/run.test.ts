import { once } from 'node:events';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from '@jest/globals';
import { directoryWith, fairlead, start } from './fairlead.ts';
import { greetings, tinyApplication } from './tiny.ts';

const app = tinyApplication();
const state = directoryWith();
const at = ['--dir', app.path, '--state-dir', state.path];

const children = new Set<ReturnType<typeof start>>();

afterAll(async () => {
  for (const child of children) child.kill('SIGTERM');
  await fairlead(['destroy', '--env', 'local', ...at]);
  app.remove();
  state.remove();
});

const answer = async (url: string) => ((await (await fetch(`${url}/hello/Ann`)).json()) as { text: string }).text;

interface Event {
  event: string;
  [field: string]: unknown;
}

/** Runs it, and keeps what it says to people. `stop` ends it by Ctrl-C and answers its exit code. */
function follow() {
  const child = start(['run', '--json', ...at]);
  children.add(child);
  const end = once(child, 'close');
  const parts: string[] = [];
  child.stderr.on('data', (text: Buffer) => parts.push(String(text)));
  const stop = async () => {
    child.kill('SIGINT');
    return (await end)[0] as number | null;
  };
  return { child, next: events(child), said: () => parts.join(''), stop };
}

/** Runs it, and keeps what it prints. */
function print(args: string[]) {
  const child = start(args);
  children.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (output += text));
  const saying = async (text: string) => {
    while (!output.includes(text)) await once(child.stdout, 'data');
  };
  const forget = () => {
    output = '';
  };
  return { child, saying, printed: () => output, forget };
}

/** The events of a `fairlead run --json`, in order; the rest of them is lost when it ends before the one waited for. */
function events(child: ReturnType<typeof start>) {
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  child.stderr.resume();
  return async (wanted: string): Promise<Event> => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error(`it ended before ${wanted}`);
      const event = JSON.parse(value) as Event;
      if (event.event === wanted) return event;
    }
  };
}

test('run starts, follows the sources, keeps the old version while they are broken, and stops at Ctrl-C', async () => {
  await fairlead(['secret', 'set', 'Signature', '--type', 'local', ...at], { input: '?' });
  await fairlead(['secret', 'set', 'Seal', '--type', 'local', ...at], { input: '!' });
  const child = start(['run', '--json', ...at]);
  children.add(child);
  const end = new Promise<number | null>((resolve) => child.on('close', resolve));
  try {
    const next = events(child);
    const { url, endpoints } = (await next('running')) as Event & { url: string };
    expect(endpoints).toEqual([{ service: 'door', endpoint: 'hello', methods: ['GET'], path: '/hello/:name' }]);
    expect(await answer(url)).toBe(`${greetings.first}, Ann?!`);
    expect(existsSync(join(app.path, 'encore.gen/clients/index.ts'))).toBe(true);

    app.say(greetings.second);
    await next('running');
    expect(await answer(url)).toBe(`${greetings.second}, Ann?!`);

    app.breakSources();
    expect(await next('refused')).toMatchObject({
      diagnostics: [{ severity: 'error', position: { file: 'greeter/greeter.ts' } }],
    });
    expect(await answer(url)).toBe(`${greetings.second}, Ann?!`);

    app.say(greetings.first);
    await next('running');
    child.kill('SIGINT');
    expect(await end).toBe(130);
    await expect(fetch(url)).rejects.toThrow();
    const { stdout } = await fairlead(['status', '--json', ...at]);
    expect(JSON.parse(stdout)).toMatchObject({ environments: [{ environment: { name: 'local' }, state: 'stopped' }] });
  } finally {
    child.kill('SIGTERM');
    await end;
  }
}, 180_000);

test('a second run refuses and names the first, until that one is killed', async () => {
  const first = start(['run', '--json', ...at]);
  children.add(first);
  await events(first)('running');
  const { code, stderr } = await fairlead(['run', ...at]);
  expect(code).toBe(1);
  expect(stderr).toContain(`error FL5010: process ${first.pid} runs tiny already, in ${app.path}\n`);

  first.kill('SIGKILL');
  await once(first, 'close');
  const second = start(['run', '--json', ...at]);
  children.add(second);
  await events(second)('running');
  second.kill('SIGINT');
  await once(second, 'close');
}, 120_000);

function killSupervisor(): void {
  const [handle] = globSync(join(state.path, '**/run/supervisor.json'));
  const { pid } = JSON.parse(readFileSync(handle!, 'utf8')) as { pid: number };
  process.kill(pid, 'SIGKILL');
}

test('a supervisor that was killed is told of, and what ran is started again, also while the sources do not build', async () => {
  const { next, said, stop } = follow();
  try {
    const { url } = (await next('running')) as Event & { url: string };
    killSupervisor();
    expect(await next('running')).toMatchObject({ url });
    expect(await answer(url)).toContain('Ann');

    app.breakSources();
    await next('refused');
    killSupervisor();
    await next('refused');
    expect(await answer(url)).toContain('Ann');
  } finally {
    app.say(greetings.first);
    expect(await stop()).toBe(130);
  }
  expect(said().match(/ended by something else/g)).toHaveLength(2);
}, 60_000);

test('what keeps a killed supervisor from being started again is told once, and the next change is the next try', async () => {
  const { next, said, stop } = follow();
  const occupant = createServer();
  try {
    const { url } = (await next('running')) as Event & { url: string };
    app.breakSources();
    const { diagnostics: broken } = (await next('refused')) as Event & { diagnostics: object[] };
    killSupervisor();
    await occupy(occupant, Number(new URL(url).port));
    const both = [expect.objectContaining({ code: 'FL4014' }), ...broken];
    expect((await next('refused')).diagnostics).toEqual(both);
    app.breakSources();
    expect((await next('refused')).diagnostics).toEqual(both);
    occupant.close();
    app.say(greetings.second);
    await next('running');
    expect(await answer(url)).toContain(greetings.second);
  } finally {
    occupant.close();
    app.say(greetings.first);
    expect(await stop()).toBe(130);
  }
  expect(said().match(/ended by something else/g)).toHaveLength(1);
}, 60_000);

/** Takes a port as soon as it is free. */
async function occupy(server: Server, port: number): Promise<void> {
  for (;;) {
    server.listen(port, '127.0.0.1');
    if (
      await once(server, 'listening').then(
        () => true,
        () => false,
      )
    )
      return;
    await sleep(5);
  }
}

test('that the environment was destroyed is told of, and a change makes it anew', async () => {
  const { child, next, said, stop } = follow();
  try {
    await next('running');
    expect(await fairlead(['destroy', '--env', 'local', ...at])).toMatchObject({ code: 0 });
    while (!said().includes('local was destroyed')) await once(child.stderr, 'data');
    app.say(greetings.second);
    const { url } = (await next('running')) as Event & { url: string };
    expect(await answer(url)).toContain('Ann');
  } finally {
    app.say(greetings.first);
    expect(await stop()).toBe(130);
  }
}, 60_000);

test('what a module throws when it is loaded is printed once, at its place in the sources', async () => {
  const { child, printed, saying } = print(['run', ...at]);
  await saying('application started');
  app.failToLoad();
  await saying('greeter/greeter.ts:12:7');
  await saying('Waiting for a change (Ctrl-C to stop)');
  app.say(greetings.first);
  child.kill('SIGINT');
  await once(child, 'close');
  expect(printed().match(/Error: no card printer/g)).toHaveLength(1);
  expect(printed()).not.toContain('throw');
}, 60_000);

test('what the user can mend is said once, then run waits for a change', async () => {
  const occupant = createServer().listen(0);
  await once(occupant, 'listening');
  const { port } = occupant.address() as { port: number };
  const { child, printed, saying, forget } = print(['run', '--port', String(port), ...at]);
  await saying('Waiting for a change (Ctrl-C to stop)');
  expect(printed().match(/error FL4014: /g)).toHaveLength(1);

  forget();
  app.breakSources();
  await saying('Waiting for a change (Ctrl-C to stop)');
  expect(printed()).not.toContain('✔ Analyze');
  expect(printed()).toContain('✖ Analyze');
  const [, refused] = /error (FL\d+): /.exec(printed()) ?? [];

  forget();
  app.breakSources();
  await saying('Waiting for a change (Ctrl-C to stop)');
  expect(printed()).toContain(`Still ${refused}\n`);
  expect(printed()).not.toContain('error FL');
  occupant.close();
  child.kill('SIGINT');
  expect(await once(child, 'close')).toEqual([130, null]);
}, 60_000);

test('a reload prints neither the endpoints nor the warnings again while they are the same', async () => {
  const own = directoryWith();
  const there = ['--dir', app.path, '--state-dir', own.path];
  app.say(greetings.first);
  const { child, printed } = print(['run', ...there]);
  const times = (pattern: RegExp) => printed().match(pattern)?.length ?? 0;
  const running = async (wanted: number) => {
    while (times(/^tiny runs at /gm) < wanted) await once(child.stdout, 'data');
  };
  try {
    await running(1);
    app.say(greetings.second);
    await running(2);
    expect(times(/FL4010: the secret Seal /g)).toBe(1);
    expect(times(/^ {2}GET {2}\/hello\/:name {2}door\.hello$/gm)).toBe(1);
  } finally {
    app.say(greetings.first);
    child.kill('SIGINT');
    await once(child, 'close');
    await fairlead(['destroy', '--env', 'local', ...there]);
    own.remove();
  }
}, 60_000);
