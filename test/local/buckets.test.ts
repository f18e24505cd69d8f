import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createBuilder } from '../../images/mod.ts';
import { createLocalTarget } from '../../local/mod.ts';
import { pathsOf } from '../../local/state.ts';
import { storedImages, storeOf } from '../../local/store.ts';
import { type Environment, makePlan, parseConfig, type Release, type Reporter } from '../../pipeline/mod.ts';

/** Files of users and files of the application, with a process for each service and one for the gateway. */
const sources = {
  'package.json': '{"name":"album","type":"module"}',
  'photos/photos.ts': `
    import { api } from 'encore.dev/api';
    import { Bucket } from 'encore.dev/storage/objects';
    export const photos = new Bucket('photos', { versioned: true });
    export const shown = new Bucket('shown', { public: true });
    export const links = api({ method: 'GET', path: '/links/:name', expose: true },
      async ({ name }: { name: string }): Promise<{ up: string; down: string }> => ({
        up: (await photos.signedUploadUrl(name)).url,
        down: (await photos.signedDownloadUrl(name)).url,
      }));
    export const show = api({ method: 'POST', path: '/show/:name', expose: true },
      async ({ name }: { name: string }): Promise<{ url: string }> => {
        await shown.upload(name, await photos.download(name));
        return { url: shown.publicUrl(name) };
      });`,
  'report/report.ts': `
    import { api } from 'encore.dev/api';
    import { photos } from '../photos/photos';
    export const report = api({ method: 'GET', path: '/report', expose: true },
      async (): Promise<{ names: string[] }> => {
        const names: string[] = [];
        for await (const { name } of photos.list()) names.push(name);
        return { names };
      });`,
  'site/site.ts': `
    import { api } from 'encore.dev/api';
    export const site = api.static({ path: '/!path', expose: true, dir: './public' });`,
  'site/public/index.html': '<h1>album</h1>',
};

const quiet: Reporter = { step: (_, work) => work(), info() {}, warn() {} };
const environment: Environment = { application: 'album', name: 'pr-1', type: 'preview' };
const root = mkdtempSync(join(tmpdir(), 'fairlead-album-'));
const stateDirectory = join(root, 'state');
const target = createLocalTarget({ stateDirectory, images: storedImages(stateDirectory) });

async function build(): Promise<Release> {
  const builder = createBuilder({ repository: storeOf(stateDirectory, 'album'), tool: '1.2.3' });
  const config = parseConfig('{"environments":{"preview":{"processes":"per-service"}}}', 'fairlead.json');
  return builder.build(join(root, 'app'), config, quiet);
}

async function deploy(release: Release): Promise<string> {
  const settings = { processes: 'per-service', cron: false, healthTimeout: 20_000 } as const;
  return (await target.apply(makePlan({ release, environment, settings }), quiet)).url;
}

let url: string;
let release: Release;

beforeAll(async () => {
  chmodSync(root, 0o711);
  for (const [path, text] of Object.entries(sources)) {
    await mkdir(dirname(join(root, 'app', path)), { recursive: true });
    await writeFile(join(root, 'app', path), text);
  }
  release = await build();
  url = await deploy(release);
}, 120_000);
afterAll(async () => {
  await target.destroy(environment, quiet);
  rmSync(root, { recursive: true, force: true });
});

const json = async (path: string, init?: RequestInit) => (await fetch(url + path, init)).json();

test('services of several processes share buckets, and objects go in and out by URL through the gateway', async () => {
  const { up, down } = (await json('/links/cat.jpg')) as { up: string; down: string };
  expect(up.startsWith(`${url}/__fairlead/objects/photos/cat.jpg?`)).toBe(true);
  const put = await fetch(up, { method: 'PUT', body: 'meow', headers: { 'content-type': 'image/jpeg' } });
  expect(put.status).toBe(200);
  const got = await fetch(down, { headers: { range: 'bytes=1-2' } });
  expect([got.status, got.headers.get('content-type'), await got.text()]).toEqual([206, 'image/jpeg', 'eo']);
  expect(await json('/report')).toEqual({ names: ['cat.jpg'] });
  const shown = (await json('/show/cat.jpg', { method: 'POST' })) as { url: string };
  expect(await (await fetch(shown.url)).text()).toBe('meow');
  expect((await fetch(`${url}/__fairlead/objects/photos/cat.jpg`)).status).toBe(403);
});

test('files of the application come through the gateway, with ranges and conditions', async () => {
  const page = await fetch(url);
  expect([page.status, await page.text()]).toEqual([200, '<h1>album</h1>']);
  const etag = page.headers.get('etag') ?? '';
  const again = await fetch(url, { headers: { 'if-none-match': etag, 'cache-control': 'max-age=0' } });
  expect([again.status, await again.text()]).toEqual([304, '']);
  const part = await fetch(url, { headers: { range: 'bytes=4-8' } });
  expect([part.status, await part.text()]).toEqual([206, 'album']);
  const none = await fetch(`${url}/none`);
  expect([none.status, await none.json()]).toMatchObject([404, { message: 'file not found' }]);
});

test('what is in buckets stays when the environment is deployed again, and goes with it', async () => {
  url = await deploy(release);
  expect(await json('/report')).toEqual({ names: ['cat.jpg'] });
  const buckets = join(pathsOf(stateDirectory).environment(environment), 'buckets');
  expect(readdirSync(buckets).sort()).toEqual(['photos', 'shown']);
  const { removed, left } = await target.destroy(environment, quiet);
  expect([removed, left]).toEqual([['processes', '2 buckets', expect.stringMatching(/^files in /)], []]);
  expect(existsSync(buckets)).toBe(false);
  url = await deploy(release);
  expect(await json('/report')).toEqual({ names: [] });
}, 60_000);
