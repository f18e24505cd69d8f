import { execFile } from 'node:child_process';
import { isDeepStrictEqual, promisify } from 'node:util';
import { alternate, type Sample, sampleOf } from '../sample.ts';
import { inKit } from '../shop.ts';
import { answers, application, type RequestName, refused, requests } from './application.ts';
import { type Collector, startCollector } from './collector.ts';
import { buildProgram, type Program, peerPrograms, pinned, startServer, type Watched } from './servers.ts';

const names = ['fairlead', 'fastify', 'express', 'bare'] as const;
export type ServerName = (typeof names)[number];

/** One server under one kind of request. */
export interface Throughput {
  /** Answers in a second of the server's CPU time; in one of the clock where the system does not tell. */
  perSecond: Sample;
  /** Milliseconds. */
  p99: Sample;
}

/** What of each request is told: nothing, a line, or a trace. */
export const tellings = ['off', 'logs', 'traces'] as const;
export type Telling = (typeof tellings)[number];

export interface HttpFigures {
  /** By request, then by what is told of each, then by server; the bare one tells nothing. */
  throughput: Record<RequestName, Record<Telling, Partial<Record<ServerName, Throughput>>>>;
  goals: typeof goals;
}

/** How many times as much as each peer. */
export const goals = { fastify: 1, express: 3, bare: 0.9 };

/** Requests: those that get a server warm, and those that are measured. */
const [warm, measured] = [15_000, 15_000];

export async function measureHttp(rounds: number): Promise<HttpFigures> {
  await using ours = await buildProgram(application);
  await using collector = await startCollector();
  const watched: Record<Telling, Watched> = { off: {}, logs: { logs: true }, traces: { traces: collector.url } };
  const programs: Record<ServerName, Program> = { fairlead: ours, ...peerPrograms };
  for (const name of names) await checkAnswers(name, programs[name]);
  const measure = async (request: RequestName, telling: Telling): Promise<Partial<Record<ServerName, Throughput>>> => {
    console.error(`Measuring ${request} with ${telling === 'off' ? 'nothing told' : telling}, ${rounds} rounds`);
    const compared = names.filter((name) => telling === 'off' || name !== 'bare');
    const runs = compared.map(
      (name) => [name, () => ask(programs[name], request, watched[telling], collector)] as const,
    );
    const figures = Object.entries(await alternate(rounds, Object.fromEntries(runs)));
    return Object.fromEntries(
      figures.map(([name, all]) => [
        name,
        { perSecond: sampleOf(all.map(({ perSecond }) => perSecond)), p99: sampleOf(all.map(({ p99 }) => p99)) },
      ]),
    );
  };
  const throughput = Object.fromEntries(
    await inTurn(Object.keys(requests) as RequestName[], async (request) => [
      request,
      Object.fromEntries(await inTurn(tellings, async (telling) => [telling, await measure(request, telling)])),
    ]),
  );
  return { throughput: throughput as HttpFigures['throughput'], goals };
}

async function inTurn<One, Result>(all: readonly One[], work: (one: One) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  for (const one of all) results.push(await work(one));
  return results;
}

/** @throws Error when a server does less than what is compared */
async function checkAnswers(name: string, program: Program): Promise<void> {
  await using server = await startServer(program, '/hello');
  for (const [request, expected] of Object.entries(answers)) {
    const { method, path, headers, body } = requests[request as RequestName];
    const response = await fetch(`${server.origin}${path}`, { method, headers, ...(body !== undefined && { body }) });
    const answer: unknown = await response.json();
    if (!isDeepStrictEqual(answer, expected))
      throw new Error(`${name} answers ${JSON.stringify(answer)} to ${request}`);
  }
  for (const { path, headers, body } of refused) {
    const response = await fetch(`${server.origin}${path}`, { method: 'POST', headers, body });
    if (response.status !== 400) throw new Error(`${name} answers ${response.status} to ${path} with ${body}`);
  }
}

async function ask(
  program: Program,
  request: RequestName,
  watched: Watched,
  collector: Collector,
): Promise<{ perSecond: number; p99: number }> {
  await using server = await startServer(program, '/hello', watched);
  await load(server.origin, request, warm);
  const sent = collector.received();
  const before = await server.cpu();
  const { requests: answered, seconds, p99 } = await load(server.origin, request, measured);
  const after = await server.cpu();
  // Else it would be quick by telling nothing.
  if (watched.traces && collector.received() === sent) throw new Error('the collector was sent nothing');
  const spent = before !== undefined && after !== undefined ? (after - before) / 1000 : seconds;
  return { perSecond: answered / spent, p99 };
}

async function load(
  origin: string,
  request: RequestName,
  amount: number,
): Promise<{ requests: number; seconds: number; p99: number }> {
  const [command, ...argv] = pinned(0, [
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    inKit('bench/http/load.ts'),
    origin,
    request,
    String(amount),
  ]);
  const { stdout } = await promisify(execFile)(command!, argv);
  return JSON.parse(stdout);
}
