import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { openRegistry, type Repository } from '../../../images/oci/repository/mod.ts';
import { openDestination, push } from '../../../images/registries/mod.ts';
import { dockerRegistry, goRegistry, startDockerRegistry, startGoRegistry } from '../../support/registries.ts';
import { codeOf, failureOf, randomBlob, read } from '../oci/content.ts';
import { judge } from '../oci/support/judge.ts';
import { directory } from '../sample.ts';
import { type Application, application, pushBase, sizeOf, someBase } from './support/application.ts';
import { fakeRegistry } from './support/fake-registry.ts';

const env = { DOCKER_CONFIG: '/nowhere' };

async function destinationAt(host: string) {
  const destination = await openDestination(`${host}/team`, 'shop', { env, connection: { retry: { base: 1 } } });
  const others = openRegistry(host);
  return {
    ...destination,
    sibling: (name: string) => others.repository(name),
    [Symbol.asyncDispose]: async () => void (await Promise.all([others.close(), destination.close()])),
  };
}

/** Everything under a tag reads as it was made. */
async function expectWhole(to: Repository, app: Application, tag: string) {
  expect((await to.manifest(tag))?.descriptor).toEqual(app.index.descriptor);
  for (const { manifest, blobs } of app.images) {
    expect((await to.manifest(manifest.descriptor.digest))?.descriptor).toEqual(manifest.descriptor);
    for (const { descriptor, bytes } of blobs) expect((await read(to, descriptor)).equals(bytes)).toBe(true);
  }
  expect((await to.referrers(app.digest)).map(({ digest }) => digest)).toEqual([app.sbom.manifest.descriptor.digest]);
}

describe.each([
  ['docker-registry', dockerRegistry, () => startDockerRegistry(dockerRegistry!), { present: 0, mounted: 2 }],
  // It keeps blobs once for all its repositories, so that they are in each.
  [
    'go-containerregistry',
    goRegistry,
    () => startGoRegistry(goRegistry!, { referrers: true }),
    { present: 2, mounted: 0 },
  ],
] as const)('a push to %s', (_, program, start, ofBase) => {
  (program ? test : test.skip)('sends what is new, takes the base over, and others can read it', async () => {
    const server = await start();
    await using files = await directory();
    await using to = await destinationAt(server.host);
    try {
      const base = someBase();
      await pushBase(to.sibling('base/node'), base);
      const dependencies = randomBlob(200_000);
      const first = await application(join(files.path, 'app'), base, [dependencies, randomBlob(30_000)]);
      const images = [{ digest: first.digest, tags: ['pr-1-a', 'pr-1-b'] }];
      const from = { from: first.layout, base: to.sibling('base/node'), to: to.repository, platformTags: true };
      const pushed = await push({ ...from, images });
      expect(pushed).toEqual({ bytesPushed: sizeOf(first), blobs: { ...ofBase, copied: 6 } });
      for (const { tags } of images) for (const tag of tags) await expectWhole(to.repository, first, tag);
      expect(await to.repository.tags()).toEqual(
        ['pr-1-a', 'pr-1-b'].flatMap((tag) => [tag, `${tag}.linux-amd64`, `${tag}.linux-arm64`]),
      );

      expect(await push({ ...from, images })).toEqual({
        bytesPushed: 0,
        blobs: { present: 0, mounted: 0, copied: 0 },
      });
      const again = await push({ ...from, images: [{ digest: first.digest, tags: ['production-a'] }] });
      expect(again.bytesPushed).toBe(0);

      const changed = randomBlob(31_000);
      const second = await application(join(files.path, 'app'), base, [dependencies, changed]);
      const next = await push({ ...from, images: [{ digest: second.digest, tags: ['pr-1-c'] }] });
      expect(next.blobs).toEqual({ present: 5, mounted: 0, copied: 3 });
      expect(next.bytesPushed).toBe(
        sizeOf(second) - 200_000 - second.sbom.blobs.reduce((n, b) => n + b.bytes.length, 0),
      );

      if (judgeIsThere) {
        const pulled = `dir:${join(files.path, 'pulled')}`;
        const how = ['-q', '--all', '--preserve-digests', '--src-tls-verify=false'];
        judge('skopeo', 'copy', ...how, `docker://${to.repository.place}:pr-1-c`, pulled);
        const raw = judge('skopeo', 'inspect', '--raw', pulled);
        expect(raw).toBe(second.index.bytes.toString());
      }
    } finally {
      await server.stop();
    }
  });
});

const judgeIsThere = ((): boolean => {
  try {
    return judge('skopeo', '--version') !== '';
  } catch {
    return false;
  }
})();

test('a base in another registry passes straight through, and only what is missing of it', async () => {
  await using elsewhere = await fakeRegistry();
  await using server = await fakeRegistry();
  await using files = await directory();
  await using to = await destinationAt(server.host);
  const base = someBase();
  const from = elsewhere.repository();
  await pushBase(from, base);
  const app = await application(files.path, base, [randomBlob(1000)]);
  await to.repository.writeBlob(base.layers.arm64.descriptor, () => base.layers.arm64.bytes);
  elsewhere.asked.length = 0;
  const pushed = await push({
    from: app.layout,
    base: from,
    to: to.repository,
    images: [{ digest: app.digest, tags: ['a'] }],
  });
  expect(pushed).toEqual({
    bytesPushed: sizeOf(app) + base.layers.amd64.bytes.length,
    blobs: { present: 1, mounted: 0, copied: 6 },
  });
  expect(elsewhere.log()).toEqual([`GET /v2/team/shop/blobs/${base.layers.amd64.descriptor.digest}`]);
  await expectWhole(to.repository, app, 'a');
  expect(await app.layout.hasBlob(base.layers.amd64.descriptor.digest)).toBe(false);
});

test('a registry that takes nothing over from its other repositories gets the base sent', async () => {
  await using server = await fakeRegistry({ mounts: false, referrers: true });
  await using files = await directory();
  await using to = await destinationAt(server.host);
  const base = someBase(20_000);
  await pushBase(to.sibling('base/node'), base);
  const app = await application(files.path, base, [randomBlob(1000)]);
  const pushed = await push({
    from: app.layout,
    base: to.sibling('base/node'),
    to: to.repository,
    images: [{ digest: app.digest, tags: ['a'] }],
  });
  expect(pushed).toEqual({ bytesPushed: sizeOf(app) + 40_000, blobs: { present: 0, mounted: 0, copied: 7 } });
  const mounts = server.log().filter((line) => line.includes('mount='));
  expect(mounts).toHaveLength(2);
  await expectWhole(to.repository, app, 'a');
});

test('where nothing changed, a request per tag is all', async () => {
  await using server = await fakeRegistry();
  await using files = await directory();
  await using to = await destinationAt(server.host);
  const app = await application(files.path, { layers: { amd64: randomBlob(10), arm64: randomBlob(10) } }, []);
  const base = someBase(10);
  const other = await application(join(files.path, 'other'), base, []);
  await pushBase(to.sibling('base'), base);
  let prepared = 0;
  const options = {
    from: other.layout,
    base: to.sibling('base'),
    to: to.repository,
    images: [{ digest: other.digest, tags: ['a', 'b'] }],
    prepare: async () => {
      prepared += 1;
    },
  };
  await push(options);
  server.asked.length = 0;
  expect((await push(options)).bytesPushed).toBe(0);
  expect(server.log().sort()).toEqual(['GET /v2/team/shop/manifests/a', 'GET /v2/team/shop/manifests/b']);
  expect(prepared).toBe(1);

  const taken = [{ digest: app.digest, tags: ['c', 'b'] }];
  server.asked.length = 0;
  expect(await failureOf(push({ ...options, from: app.layout, images: taken }))).toEqual({
    code: 'FL2219',
    text: expect.stringContaining(`team/shop:b names ${other.digest} already, and should name ${app.digest}`),
  });
  expect(server.asked.every(({ method }) => method === 'GET')).toBe(true);
  expect(prepared).toBe(1);
});

test('images with the same layers that go together send them once', async () => {
  await using server = await fakeRegistry();
  await using files = await directory();
  await using to = await destinationAt(server.host);
  const base = someBase(10);
  await pushBase(to.sibling('base'), base);
  const shared = randomBlob(100_000);
  const apps = [
    await application(files.path, base, [shared, randomBlob(10)]),
    await application(files.path, base, [shared, randomBlob(11)]),
  ];
  const images = apps.map(({ digest }, n) => ({ digest, tags: [`t${n}`] }));
  await push({ from: apps[0]!.layout, base: to.sibling('base'), to: to.repository, images });
  const sent = server.asked.filter(
    ({ method, path }) => method === 'PUT' && path.includes(shared.descriptor.digest.slice(7)),
  );
  expect(sent).toHaveLength(1);
  for (const [n, app] of apps.entries()) await expectWhole(to.repository, app, `t${n}`);
});

test('nothing gets a tag when the base lost a layer', async () => {
  await using server = await fakeRegistry();
  await using files = await directory();
  await using to = await destinationAt(server.host);
  const app = await application(files.path, someBase(10), [randomBlob(10)]);
  const work = push({
    from: app.layout,
    base: to.sibling('base/node'),
    to: to.repository,
    images: [{ digest: app.digest, tags: ['a'] }],
  });
  expect(await failureOf(work)).toEqual({
    code: 'FL2220',
    text: expect.stringContaining('/base/node does not have the layer'),
  });
  expect([...server.manifests.keys()]).toEqual([]);
});

test('nothing gets a tag when the registry has no room', async () => {
  const full = JSON.stringify({ errors: [{ code: 'DENIED', message: 'adding 1000 bytes exceeds the storage quota' }] });
  await using server = await fakeRegistry({
    first: ({ method, path, body }) =>
      method === 'PUT' && path.includes('/uploads/') && body.length > 500 ? [403, {}, full] : undefined,
  });
  await using files = await directory();
  await using to = await destinationAt(server.host);
  const base = someBase(10);
  await pushBase(to.sibling('base'), base);
  const app = await application(files.path, base, [randomBlob(1000)]);
  const work = push({
    from: app.layout,
    base: to.sibling('base'),
    to: to.repository,
    images: [{ digest: app.digest, tags: ['a'] }],
  });
  expect(await failureOf(work)).toEqual({ code: 'FL2202', text: expect.stringContaining('exceeds the storage quota') });
  expect([...server.manifests.keys()].filter((name) => name.startsWith('team/shop'))).toEqual([]);
});

test('an image that is nowhere is said to be missing', async () => {
  await using server = await fakeRegistry();
  await using files = await directory();
  await using to = await destinationAt(server.host);
  const app = await application(files.path, someBase(10), []);
  const { descriptor } = randomBlob(10);
  const images = [{ digest: descriptor.digest, tags: ['a'] }];
  expect(await codeOf(push({ from: app.layout, to: to.repository, images }))).toBe('FL2203');
});

(dockerRegistry ? test : test.skip)(
  'with docker-registry, a push killed at any moment leaves no tag, and is taken up again',
  async () => {
    const server = await startDockerRegistry(dockerRegistry!);
    await using files = await directory();
    await using to = await destinationAt(server.host);
    const base = someBase(1_000_000);
    await pushBase(to.sibling('base'), base);
    const app = await application(files.path, base, [randomBlob(4_000_000), randomBlob(2_000_000)]);
    const sources = join(import.meta.dirname, '../../../images');
    const script = `
    import { openLayout, openRegistry } from ${JSON.stringify(join(sources, 'oci/repository/mod.ts'))};
    import { openDestination, push } from ${JSON.stringify(join(sources, 'registries/mod.ts'))};
    const to = await openDestination(${JSON.stringify(`${server.host}/team`)}, 'shop', { env: {} });
    const base = openRegistry(${JSON.stringify(server.host)}).repository('base');
    console.log('begins');
    await push({ from: openLayout(${JSON.stringify(files.path)}), base, to: to.repository,
      images: [{ digest: ${JSON.stringify(app.digest)}, tags: ['a'] }] });
    console.log('ends');
    await to.close();`;
    try {
      for (let delay = 0; ; delay = delay * 3 + 150) {
        const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        let output = '';
        child.stdout.setEncoding('utf8').on('data', (text: string) => {
          if (output === '') setTimeout(() => child.kill('SIGKILL'), delay);
          output += text;
        });
        const [status] = await once(child, 'close');
        if (status === null && !output.includes('ends')) {
          if (await to.repository.manifest('a')) await expectWhole(to.repository, app, 'a');
          continue;
        }
        await expectWhole(to.repository, app, 'a');
        return;
      }
    } finally {
      await server.stop();
    }
  },
);
