import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { mediaTypes } from '../../../images/oci/descriptor.ts';
import { type CopyEvent, copy, openLayout, openRegistry, type Repository } from '../../../images/oci/repository/mod.ts';
import { dockerRegistry, startDockerRegistry } from '../../support/registries.ts';
import { directory } from '../sample.ts';
import { blob, codeOf, image, index, push, randomBlob, read } from './content.ts';

/** Two images that share a layer, and their index. */
async function example(repository: Repository, size: number) {
  const shared = randomBlob(size);
  const images = [image([shared, randomBlob(size)]), image([shared, randomBlob(size)])];
  for (const one of images) await push(repository, one);
  const all = index(images.map(({ manifest }) => manifest));
  await repository.putManifest(all.bytes, mediaTypes.index, 'v1');
  return {
    all,
    images,
    blobs: new Map(images.flatMap(({ blobs }) => blobs).map((one) => [one.descriptor.digest, one])),
  };
}

/** Passes calls on and notes those that write. */
function watched(repository: Repository, log: string[], running: { now: number; most: number }): Repository {
  const noted = async <T>(text: string, work: () => Promise<T>): Promise<T> => {
    running.now += 1;
    running.most = Math.max(running.most, running.now);
    const result = await work();
    running.now -= 1;
    log.push(text);
    return result;
  };
  return new Proxy(repository, {
    get(target, name) {
      if (name === 'writeBlob')
        return (...all: Parameters<Repository['writeBlob']>) => noted(all[0].digest, () => target.writeBlob(...all));
      if (name === 'putManifest')
        return async (...all: Parameters<Repository['putManifest']>) =>
          noted(blob(all[0]).descriptor.digest, () => target.putManifest(...all));
      if (name === 'tag')
        return (...all: Parameters<Repository['tag']>) => noted(`tag ${all[1]}`, () => target.tag(...all));
      if (name === 'registry') return 'another';
      const value = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

test('blobs come before what names them, each once, and tags last', async () => {
  await using root = await directory();
  const from = openLayout(join(root.path, 'from'));
  const { all, images, blobs } = await example(from, 1000);
  const log: string[] = [];
  const running = { now: 0, most: 0 };
  await copy(from, watched(openLayout(join(root.path, 'to')), log, running), all.descriptor.digest, {
    tags: ['a', 'b'],
    concurrency: 2,
  });
  expect([...log].sort()).toEqual(
    [
      ...blobs.keys(),
      ...images.map(({ manifest }) => manifest.descriptor.digest),
      all.descriptor.digest,
      'tag a',
      'tag b',
    ].sort(),
  );
  expect(log.slice(-3)).toEqual([all.descriptor.digest, 'tag a', 'tag b']);
  for (const { manifest, blobs } of images)
    for (const { descriptor } of blobs)
      expect(log.indexOf(descriptor.digest)).toBeLessThan(log.indexOf(manifest.descriptor.digest));
  expect(running.most).toBe(2);
});

test('progress counts the bytes of each part', async () => {
  await using root = await directory();
  const from = openLayout(join(root.path, 'from'));
  const { all, blobs } = await example(from, 1_000_000);
  const events: CopyEvent[] = [];
  await copy(from, watched(openLayout(join(root.path, 'to')), [], { now: 0, most: 0 }), all.descriptor.digest, {
    onProgress: (event) => events.push(event),
  });
  for (const { descriptor } of blobs.values()) {
    const own = events.filter((event) => event.descriptor.digest === descriptor.digest);
    expect(own[0]).toMatchObject({ state: 'copying', bytes: 0 });
    expect(own.at(-1)).toEqual({
      descriptor: expect.objectContaining({ digest: descriptor.digest }),
      state: 'copied',
      bytes: descriptor.size,
    });
    expect(own.map(({ bytes }) => bytes)).toEqual([...own.map(({ bytes }) => bytes)].sort((a, b) => a - b));
  }
});

test('the first error ends a copy, and nothing has a name then', async () => {
  await using root = await directory();
  const [from, to] = [openLayout(join(root.path, 'from')), openLayout(join(root.path, 'to'))];
  const { all, images } = await example(from, 1000);
  const lost = images[1]!.blobs[2]!;
  await rm(join(root.path, 'from/blobs/sha256', lost.descriptor.digest.slice(7)));
  expect(await codeOf(copy(from, to, all.descriptor.digest, { tags: ['v1'] }))).toBe('FL2203');
  expect(await to.tags()).toEqual([]);
  expect(await to.manifest(all.descriptor.digest)).toBeUndefined();
  expect(await codeOf(copy(from, to, blob('nothing').descriptor.digest))).toBe('FL2203');
});

test('a signal ends a copy', async () => {
  await using root = await directory();
  const [from, to] = [openLayout(join(root.path, 'from')), openLayout(join(root.path, 'to'))];
  const { all } = await example(from, 2_000_000);
  const stop = new AbortController();
  const onProgress = ({ state }: CopyEvent) => state === 'mounted' && stop.abort(new Error('enough'));
  await expect(
    copy(from, to, all.descriptor.digest, { tags: ['v1'], signal: stop.signal, concurrency: 1, onProgress }),
  ).rejects.toThrow('enough');
  expect(await to.tags()).toEqual([]);
  await copy(from, to, all.descriptor.digest, { tags: ['v1'] });
  expect(await to.tags()).toEqual(['v1']);
});

/** Leads to `host`; breaks each connection after a number of bytes that `next` gives. */
async function breaking(host: string, next: () => number) {
  const sockets = new Set<Socket>();
  let breaks = 0;
  const server = createServer((socket) => {
    let left = next();
    const peer = connect(Number(host.split(':')[1]), '127.0.0.1');
    for (const [one, other] of [
      [socket, peer],
      [peer, socket],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy()).on('close', () => other.destroy());
    }
    peer.pipe(socket);
    socket.on('data', (chunk) => {
      left -= chunk.length;
      if (left > 0) return void peer.write(chunk);
      breaks += 1;
      return void socket.resetAndDestroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    breaks: () => breaks,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

(dockerRegistry ? describe : describe.skip)('with docker-registry', () => {
  test('an upload whose connection is reset again and again comes to its end', async () => {
    const server = await startDockerRegistry(dockerRegistry!);
    await using root = await directory();
    let [connections, seed] = [0, 42];
    await using between = await breaking(server.host, () => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return connections++ < 12 ? 100_000 + (seed % 400_000) : Number.POSITIVE_INFINITY;
    });
    const from = openLayout(root.path);
    const { all, blobs } = await example(from, 3_000_000);
    const registry = openRegistry(between.host, { upload: { chunkSize: 300_000 }, retry: { base: 20, attempts: 20 } });
    const to = registry.repository('shop');
    try {
      await copy(from, to, all.descriptor.digest, { tags: ['v1'] });
      expect(between.breaks()).toBeGreaterThan(5);
      expect((await to.manifest('v1'))?.descriptor).toEqual(all.descriptor);
      for (const { descriptor, bytes } of blobs.values()) expect((await read(to, descriptor)).equals(bytes)).toBe(true);
    } finally {
      await registry.close();
      await server.stop();
    }
  });

  test('a copy that is killed at any moment is taken up again, and has a name only when it is whole', async () => {
    const server = await startDockerRegistry(dockerRegistry!);
    await using root = await directory();
    const from = openLayout(root.path);
    const { all, blobs } = await example(from, 4_000_000);
    const registry = openRegistry(server.host);
    const to = registry.repository('shop');
    const script = `
      import { copy, openLayout, openRegistry } from ${JSON.stringify(join(import.meta.dirname, '../../../images/oci/repository/mod.ts'))};
      const to = openRegistry(${JSON.stringify(server.host)}, { upload: { chunkSize: 500_000 } }).repository('shop');
      console.log('begins');
      const { digest } = await copy(openLayout(${JSON.stringify(root.path)}), to, ${JSON.stringify(all.descriptor.digest)}, { tags: ['v1'] });
      console.log(digest);`;
    try {
      for (let delay = 0; ; delay = delay * 1.7 + 30) {
        const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        let output = '';
        child.stdout.setEncoding('utf8').on('data', (text: string) => {
          if (output === '') setTimeout(() => child.kill('SIGKILL'), delay);
          output += text;
        });
        const [status] = await once(child, 'close');
        const named = await to.manifest('v1');
        for (const { descriptor, bytes } of named ? blobs.values() : [])
          expect((await read(to, descriptor)).equals(bytes)).toBe(true);
        if (status === null) continue;
        expect(output).toBe(`begins\n${all.descriptor.digest}\n`);
        expect(named?.descriptor).toEqual(all.descriptor);
        return;
      }
    } finally {
      await registry.close();
      await server.stop();
    }
  });
});
