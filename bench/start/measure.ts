import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { analyze } from '../../analyzer/mod.ts';
import { type Program, startServer, writeProgram } from '../http/servers.ts';
import { alternate, type Sample, sampleOf } from '../sample.ts';
import { copyShop, inKit } from '../shop.ts';

export interface StartFigures {
  /** Milliseconds from the start of the process to its first answer. */
  start: Record<Name, Sample>;
  /** MiB, a second after that, with nothing to do. */
  memory: Record<Name, Sample>;
  goals: typeof goals;
}

type Name = 'fairlead' | 'fastify';

/** How many times as much as the peer, at most. */
export const goals = { start: 1.5, memory: 1.3 };

const health = '/__encore/healthz';

/** The shop's process, as its image has it, and a bare Fastify with the same routes. */
export async function measureStart(rounds: number): Promise<StartFigures> {
  await using shop = await copyShop();
  const image = await realpath(await mkdtemp(join(tmpdir(), 'fairlead-bench-')));
  try {
    const fairlead = await writeProgram(shop.root, image);
    const fastify = await peerOf(shop.root, join(image, 'peer.cjs'));
    const all = await alternate(rounds, { fairlead: () => startOnce(fairlead), fastify: () => startOnce(fastify) });
    const of = (pick: (one: { start: number; memory: number }) => number) => ({
      fairlead: sampleOf(all.fairlead.map(pick)),
      fastify: sampleOf(all.fastify.map(pick)),
    });
    return { start: of(({ start }) => start), memory: of(({ memory }) => memory), goals };
  } finally {
    await rm(image, { recursive: true, force: true });
  }
}

/** In one file, as ours is. */
async function peerOf(root: string, outfile: string): Promise<Program> {
  await build({ entryPoints: [inKit('bench/start/peer.ts')], bundle: true, platform: 'node', format: 'cjs', outfile });
  const { graph, diagnostics } = await analyze({ root, runtime: inKit('runtime') });
  if (!graph) throw new Error(JSON.stringify(diagnostics));
  const endpoints = graph.services.flatMap((service) => service.endpoints);
  const routes = [...endpoints, { methods: ['GET'], path: health }].map(({ methods, path }) => ({
    method: methods[0],
    url: path,
  }));
  return {
    argv: [outfile],
    cwd: inKit('.'),
    env: () => ({ NODE_ENV: 'production', ROUTES: JSON.stringify(routes) }),
  };
}

async function startOnce(program: Program): Promise<{ start: number; memory: number }> {
  await using server = await startServer(program, health);
  await sleep(1000);
  return { start: server.start, memory: (await server.memory()) ?? Number.NaN };
}
