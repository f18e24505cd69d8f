import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createBuilder } from '../../images/mod.ts';
import { openLayout } from '../../images/oci/repository/mod.ts';
import { unpack } from '../../images/unpack.ts';
import { type Digest, parseConfig } from '../../pipeline/mod.ts';
import { directory } from '../images/sample.ts';
import { start } from '../images/support/built-process.ts';
import { root } from './pages.ts';

/** The page's application is built and asked what its table says. */

const page = await readFile(join(root, 'docs/static-assets.md'), 'utf8');
const files = [...page.matchAll(/<!-- (site\/\S+) -->\n```\w+\n(.*?)```/gs)].map(([, path, text]) => [path!, text!]);
const rows = [...page.matchAll(/^\| `(GET|HEAD|POST) (\S+)` \| `(\d+)` (?:to )?`([^`]+)` \|/gm)].map(
  ([, method, path, status, rest]) => ({ method: method!, path: path!, status: Number(status), rest: rest! }),
);

let app: Awaited<ReturnType<typeof start>>;
const cleanup: AsyncDisposable[] = [];

beforeAll(async () => {
  const work = await directory(Object.fromEntries(files));
  const repository = openLayout(join(work.path, 'store'));
  const builder = createBuilder({ repository, tool: '1.2.3' });
  const quiet = { step: <T>(_: string, run: () => Promise<T>) => run(), info() {}, warn() {} };
  const release = await builder.build(join(work.path, 'site'), parseConfig('{}', 'fairlead.json'), quiet);
  const image = join(work.path, 'image');
  await mkdir(image);
  await unpack(repository, release.content.images['all-in-one/app'] as Digest, image);
  app = await start(image, work.path);
  cleanup.push(app, work);
});
afterAll(async () => {
  for (const one of cleanup) await one[Symbol.asyncDispose]();
});

test('the page has an application and a table', () => {
  expect([files.length, rows.length]).toEqual([6, 8]);
});

test.each(rows)('$method $path answers $status, $rest', async ({ method, path, status, rest }) => {
  const response = await fetch(app.url + path, { method, redirect: 'manual' });
  const shown = status === 307 ? response.headers.get('location') : response.headers.get('content-type');
  expect([response.status, shown]).toEqual([status, rest]);
});

test('declared headers are on the answers, and no-cache where none are', async () => {
  const [docs, home] = [await fetch(`${app.url}/docs/guide/`), await fetch(app.url)];
  expect(docs.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  expect(docs.headers.get('x-robots-tag')).toBe('noarchive, nosnippet');
  expect(home.headers.get('cache-control')).toBe('no-cache');
  expect(home.headers.has('last-modified')).toBe(false);
});
