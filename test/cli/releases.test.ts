import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openLayout } from '../../images/oci/repository/mod.ts';
import { createReleaseRegistry, sealRelease } from '../../images/release/mod.ts';
import { pathsOf } from '../../local/state.ts';
import type { Release } from '../../pipeline/mod.ts';
import { age, pushRelease } from '../images/release/support/releases.ts';
import { migrations } from '../pipeline/sample-graph.ts';
import { graph } from '../support/graph.ts';
import { dockerRegistry, startDockerRegistry } from '../support/registries.ts';
import { release as releaseOf } from '../support/release.ts';
import { directoryWith, fairlead } from './fairlead.ts';

const work = directoryWith({ 'app/package.json': '{"name":"shop"}' });
const state = join(work.path, 'state');
const store = pathsOf(state).store('shop');
let one: Release;
let two: Release;

beforeAll(async () => {
  const repository = openLayout(store);
  const registry = createReleaseRegistry(repository);
  const { content, source } = await pushRelease(repository, '1.0.0');
  const shop = graph({ application: 'shop', databases: [migrations('orders', 'init', 'drop!')] });
  const { databases } = releaseOf(shop, {}, source).content;
  one = sealRelease({ ...content, graph: graph({ application: 'shop' }) }, source);
  two = sealRelease(
    { ...content, graph: shop, databases, migrate: 'all-in-one/app', inputs: { '\u001b[2Jevil.ts': source.hash } },
    { ...source, commit: '1234567890abcdef1234567890abcdef12345678' },
  );
  await registry.put(one, { environment: 'pr-7', at: new Date('2026-03-04T10:00:00Z') });
  await registry.put(one, { environment: 'pr-7', at: new Date('2026-03-04T10:45:00Z') });
  await registry.put(two, { environment: 'production', at: new Date('2026-03-04T11:00:00Z') });
  await age(store);
});

afterAll(() => work.remove());

const releases = (...args: string[]) =>
  fairlead(['releases', ...args, '--dir', join(work.path, 'app'), '--state-dir', state]);

const short = ({ digest }: Release) => digest.slice(7, 19);

test('list has a line for each release and environment, and says what there is not', async () => {
  const all = await releases('list');
  expect(all.stdout.trimEnd().split('\n')).toEqual([
    expect.stringMatching(/^RELEASE +ENVIRONMENT +BUILT +COMMIT +RUNS IN$/),
    expect.stringMatching(new RegExp(`^${short(two)} +production +2026-03-04T11:00:00Z +1234567890ab$`)),
    expect.stringMatching(new RegExp(`^${short(one)} +pr-7 +2026-03-04T10:45:00Z +1.0.0$`)),
  ]);
  expect(JSON.parse((await releases('list', '--env', 'pr-7', '--json')).stdout)).toMatchObject({
    application: 'shop',
    releases: [
      { digest: one.digest, environment: 'pr-7', at: '2026-03-04T10:45:00Z', runsIn: [] },
      { digest: one.digest, at: '2026-03-04T10:00:00Z' },
    ],
  });
  expect((await releases('list', '--env', 'pr-8')).stdout).toContain('shop has no releases for pr-8');
});

test('show says what a release is, with its migrations, and nothing steers the terminal', async () => {
  const { stdout, code } = await releases('show', short(two));
  expect(code).toBe(0);
  expect(stdout).toContain(`digest    ${two.digest}`);
  expect(stdout).toContain('from commit 1234567890abcdef');
  expect(stdout).toMatch(/all-in-one\/app +[0-9a-f]{12} +linux\/amd64 .+, linux\/arm64 .+ +with SBOM, migrates/);
  expect(stdout).toContain('Database orders: version 2, which code from version 2 on can live with');
  expect(stdout).toMatch(/2_drop +destructive +drop drops a column/);
  const { content, images } = JSON.parse((await releases('show', two.digest, '--json')).stdout);
  expect(content).toEqual(two.content);
  expect(images['all-in-one/app'].platforms).toHaveLength(2);
});

test('diff says what becomes different, whatever is in the names of files', async () => {
  const { stdout } = await releases('diff', short(one), short(two));
  expect(stdout).toContain(`From ${short(one)} to ${short(two)}:`);
  expect(stdout).toContain('+ database orders');
  expect(stdout).toContain('+ migrating image all-in-one/app');
  expect(stdout).toContain('+ file \u{fffd}[2Jevil.ts');
  expect((await releases('diff', short(one), short(one))).stdout).toContain('No differences');
});

test.each([
  ['show', ['zzz'], 'is not a digest'],
  ['show', ['ffffffff'], 'has no release whose digest begins with'],
  ['show', ['f'.repeat(64)], 'has no release ffffffffffff'],
  ['verify', ['f'.repeat(64)], 'has no release ffffffffffff'],
])('%s %j says that there is no such release', async (command, args, words) => {
  const { code, stderr } = await releases(command, ...args);
  expect(code).toBe(1);
  expect(stderr).toContain('FL2105');
  expect(stderr).toContain(words);
});

test('verify reads all of it', async () => {
  const { stdout, code } = await releases('verify', short(two), '--quiet');
  expect(stdout).toMatch(new RegExp(`^${short(two)} is whole: 1 image, \\d+ parts`));
  expect(code).toBe(0);
});

test('prune says what goes and why the rest stays, and foretells it', async () => {
  const foretold = await releases('prune', '--dry-run');
  expect(foretold.stdout).toMatch(
    new RegExp(
      `${short(one)}, built for pr-7 at 2026-03-04T10:45:00Z, would go\nReleases: 2 of 2 would go. Images: 1 would go.`,
    ),
  );
  expect((await releases('list')).stdout).toContain(short(one));
  const done = JSON.parse((await releases('prune', '--json')).stdout);
  expect(done.releases.map(({ reasons }: { reasons: unknown[] }) => reasons)).toEqual([[], []]);
  expect(done.bytes).toBeGreaterThan(1000);
  expect((await releases('list')).stdout).toContain('shop has no releases');
  expect((await releases('prune', '--keep', '0')).code).toBe(2);
  rmSync(store, { recursive: true });
  expect((await releases('prune')).stdout).toContain(
    'Releases: 0 of 0 are gone. Images: 0 are gone. 0 B are free again.',
  );
});

(dockerRegistry === undefined ? test.skip : test)('releases in a registry are read with --registry', async () => {
  const { openRegistry } = await import('../../images/oci/repository/mod.ts');
  const server = await startDockerRegistry(dockerRegistry!);
  const opened = openRegistry(server.host);
  try {
    const repository = opened.repository('team/shop');
    const release = await pushRelease(repository, '2.0.0');
    await createReleaseRegistry(repository).put(release, { at: new Date('2026-03-04T10:00:00Z') });
    const registry = ['--registry', `${server.host}/team`];
    expect((await releases('list', ...registry)).stdout).toContain(short(release));
    expect((await releases('verify', short(release), ...registry)).stdout).toContain('is whole');
  } finally {
    await opened.close();
    await server.stop();
  }
});
