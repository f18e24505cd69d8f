import { readFileSync } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { build } from 'esbuild';
import { digestOf, type Manifest } from '../../../images/oci/descriptor.ts';
import {
  artifactOf,
  bundledInputs,
  integritiesOf,
  packagesIn,
  type SbomInput,
  sbomOf,
  sbomType,
} from '../../../images/oci/image/mod.ts';
import { directory } from '../sample.ts';

const schemas = resolve(import.meta.dirname, '../../../node_modules/@cyclonedx/cyclonedx-library/res/schema');
const schema = (name: string): object => JSON.parse(readFileSync(join(schemas, name), 'utf8')) as object;

/** What the official schema of CycloneDX 1.6 has against a document. */
const conforms = (() => {
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats.default(ajv);
  // Without a checker of their own in ajv-formats.
  for (const format of ['iri-reference', 'idn-email']) ajv.addFormat(format, true);
  for (const name of ['spdx.SNAPSHOT.schema.json', 'jsf-0.82.SNAPSHOT.schema.json'])
    ajv.addSchema(schema(name), `http://cyclonedx.org/schema/${name}`);
  return ajv.compile(schema('bom-1.6.SNAPSHOT.schema.json'));
})();

const integrity = `sha512-${Buffer.alloc(64, 1).toString('base64')}`;
const input: SbomInput = {
  name: 'shop/orders',
  version: '1.2.3',
  packages: [
    { name: 'pg', version: '8.1.0', license: 'MIT', integrity },
    { name: '@scope/both', version: '1.0.0+build.1', license: '(MIT OR Apache-2.0)' },
    { name: 'closed', version: '0.0.1', license: 'SEE LICENSE IN LICENSE.txt' },
    { name: 'silent', version: '0.0.1' },
  ],
  files: [{ path: 'main.mjs', hash: 'ab'.repeat(32) }],
};

// biome-ignore lint/suspicious/noExplicitAny: documents are looked at as they are
type Json = any;

async function read(given: SbomInput): Promise<Json> {
  const { bytes, descriptor } = await sbomOf(given);
  expect(descriptor).toEqual({ mediaType: sbomType, digest: digestOf(bytes), size: bytes.length });
  return JSON.parse(Buffer.from(bytes).toString());
}

describe('an SBOM', () => {
  test('conforms to the official schema, which is able to fail', async () => {
    const document = await read(input);
    conforms(document);
    expect(conforms.errors).toBeNull();
    conforms({ ...document, components: [{ type: 'library' }] });
    expect(conforms.errors).not.toBeNull();
    conforms({ ...document, serialNumber: 'urn:uuid:1' });
    expect(conforms.errors).not.toBeNull();
  });

  test('names packages with purl, licence and hash, and files with their hash', async () => {
    const { components, metadata, dependencies } = await read(input);
    expect(components).toEqual([
      {
        type: 'file',
        name: 'main.mjs',
        'bom-ref': 'file:main.mjs',
        hashes: [{ alg: 'SHA-256', content: 'ab'.repeat(32) }],
      },
      {
        type: 'library',
        group: '@scope',
        name: 'both',
        version: '1.0.0+build.1',
        'bom-ref': 'pkg:npm/%40scope/both@1.0.0%2Bbuild.1',
        purl: 'pkg:npm/%40scope/both@1.0.0%2Bbuild.1',
        licenses: [{ expression: '(MIT OR Apache-2.0)' }],
      },
      {
        type: 'library',
        name: 'closed',
        version: '0.0.1',
        'bom-ref': 'pkg:npm/closed@0.0.1',
        purl: 'pkg:npm/closed@0.0.1',
        licenses: [{ license: { name: 'SEE LICENSE IN LICENSE.txt' } }],
      },
      {
        type: 'library',
        name: 'pg',
        version: '8.1.0',
        'bom-ref': 'pkg:npm/pg@8.1.0',
        purl: 'pkg:npm/pg@8.1.0',
        licenses: [{ license: { id: 'MIT' } }],
        hashes: [{ alg: 'SHA-512', content: '01'.repeat(64) }],
      },
      {
        type: 'library',
        name: 'silent',
        version: '0.0.1',
        'bom-ref': 'pkg:npm/silent@0.0.1',
        purl: 'pkg:npm/silent@0.0.1',
      },
    ]);
    expect(metadata).toEqual({
      lifecycles: [{ phase: 'build' }],
      component: { type: 'application', name: 'shop/orders', version: '1.2.3', 'bom-ref': 'application' },
    });
    expect(dependencies.find(({ ref }: Json) => ref === 'application').dependsOn).toHaveLength(5);
  });

  test('is the same for the same contents, with a serial number of its own for others', async () => {
    const other = { ...input, packages: input.packages.toReversed() };
    expect((await sbomOf(other)).descriptor).toEqual((await sbomOf(input)).descriptor);
    const [one, two] = await Promise.all([read(input), read({ ...input, files: [] })]);
    expect(one.serialNumber).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(two.serialNumber).not.toBe(one.serialNumber);
  });

  test('is an artifact about an image', async () => {
    const sbom = await sbomOf(input);
    const platform = { os: 'linux', architecture: 'amd64' };
    const subject = { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: digestOf('image'), size: 5 };
    const { config, manifest } = artifactOf(sbom, { ...subject, platform }, 'sbom.cdx.json');
    expect(Buffer.from(config.bytes).toString()).toBe('{}');
    expect(JSON.parse(Buffer.from(manifest.bytes).toString())).toEqual({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      artifactType: 'application/vnd.cyclonedx+json',
      config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: digestOf('{}'), size: 2 },
      layers: [{ ...sbom.descriptor, annotations: { 'org.opencontainers.image.title': 'sbom.cdx.json' } }],
      subject,
    } satisfies Manifest);
    expect(manifest.descriptor.artifactType).toBe('application/vnd.cyclonedx+json');
  });
});

describe('the packages of a bundle', () => {
  const manifest = (name: string, version: string, more: object = {}) => JSON.stringify({ name, version, ...more });
  const files = {
    'main.ts': `import { used } from 'used'; import deep from '@scope/deep/esm'; import { gone } from 'shaken'; console.log(used, deep);`,
    'node_modules/used/package.json': manifest('used', '1.0.0', {
      license: { type: 'ISC' },
      main: 'lib/index.js',
      type: 'module',
    }),
    'node_modules/used/lib/index.js': `import old from 'inner'; export const used = [old];`,
    'node_modules/used/node_modules/inner/package.json': manifest('inner', '0.9.0', {
      licenses: [{ type: 'MIT' }, { type: 'BSD-2-Clause' }],
    }),
    'node_modules/used/node_modules/inner/index.js': `module.exports = 'inner 0.9';`,
    'node_modules/inner/package.json': manifest('inner', '2.0.0'),
    'node_modules/inner/index.js': `module.exports = 'inner 2';`,
    'node_modules/@scope/deep/package.json': manifest('@scope/deep', '3.0.0', { license: 'MIT' }),
    'node_modules/@scope/deep/esm/package.json': '{"type":"module","name":"no version"}',
    'node_modules/@scope/deep/esm/index.js': `export default 'deep';`,
    'node_modules/shaken/package.json': manifest('shaken', '1.0.0', { sideEffects: false, type: 'module' }),
    'node_modules/shaken/index.js': `export const gone = 'gone';`,
    'node_modules/broken/package.json': '{',
    'node_modules/broken/index.js': '',
    'package.json': manifest('application', '1.0.0'),
  };

  test('are those with a statement in it, by the nearest manifest that names one', async () => {
    await using root = await directory(files);
    const { metafile } = await build({
      entryPoints: ['main.ts'],
      absWorkingDir: root.path,
      bundle: true,
      write: false,
      metafile: true,
      format: 'esm',
    });
    const inputs = bundledInputs(metafile);
    expect(inputs).toContain('main.ts');
    expect(await packagesIn(root.path, inputs, new Map([['used@1.0.0', integrity]]))).toEqual([
      { name: '@scope/deep', version: '3.0.0', license: 'MIT' },
      { name: 'inner', version: '0.9.0', license: '(MIT OR BSD-2-Clause)' },
      { name: 'used', version: '1.0.0', license: 'ISC', integrity },
    ]);
  });

  test('are also found from traced files, absolute or not, each once; a broken manifest names none', async () => {
    await using root = await directory(files);
    await mkdir(join(root.path, 'node_modules/.pnpm'));
    await symlink('../inner', join(root.path, 'node_modules/.pnpm/inner'));
    const traced = [
      'node_modules/inner/index.js',
      'node_modules/.pnpm/inner/index.js',
      join(root.path, 'node_modules/inner/package.json'),
      'node_modules/broken/index.js',
      'main.ts',
    ];
    expect(await packagesIn(root.path, traced)).toEqual([{ name: 'inner', version: '2.0.0' }]);
  });
});

describe('integrity by the lockfile', () => {
  test.each<[Parameters<typeof integritiesOf>[0], string, [string, string][]]>([
    [
      'package-lock.json',
      JSON.stringify({
        lockfileVersion: 3,
        packages: {
          '': { name: 'application', version: '1.0.0' },
          'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
          'node_modules/a/node_modules/@s/b': { version: '2.0.0', integrity: 'sha512-b' },
          'node_modules/alias': { name: 'real', version: '3.0.0', integrity: 'sha512-c' },
          'packages/own': { version: '1.0.0' },
        },
      }),
      [
        ['a@1.0.0', 'sha512-a'],
        ['@s/b@2.0.0', 'sha512-b'],
        ['real@3.0.0', 'sha512-c'],
      ],
    ],
    [
      'pnpm-lock.yaml',
      [
        "lockfileVersion: '9.0'",
        'packages:',
        "  '@s/b@2.0.0':",
        '    resolution: {integrity: sha512-b}',
        '  /a@1.0.0(peer@1.0.0):',
        '    resolution: {integrity: sha512-a}',
        '  git@1.0.0:',
        '    resolution: {tarball: file.tgz}',
      ].join('\n'),
      [
        ['@s/b@2.0.0', 'sha512-b'],
        ['a@1.0.0', 'sha512-a'],
      ],
    ],
    [
      'yarn.lock',
      [
        '# yarn lockfile v1',
        '',
        '"@s/b@^2.0.0", "@s/b@2":',
        '  version "2.0.0"',
        '  integrity sha512-b',
        '  dependencies:',
        '    a "^1.0.0"',
        '',
        'a@^1.0.0:',
        '  version "1.0.0"',
        '  integrity sha512-a',
        '',
        '"alias@npm:real@^3":',
        '  version "3.0.0"',
        '  integrity sha512-c',
      ].join('\n'),
      [
        ['@s/b@2.0.0', 'sha512-b'],
        ['a@1.0.0', 'sha512-a'],
        ['real@3.0.0', 'sha512-c'],
      ],
    ],
    [
      'bun.lock',
      '{ "lockfileVersion": 1, "packages": { "a": ["a@1.0.0", "", {}, "sha512-a"], "own": ["own@workspace:own"], }, }',
      [['a@1.0.0', 'sha512-a']],
    ],
  ])('%s', async (file, text, expected) => {
    expect([...(await integritiesOf(file, text))]).toEqual(expected);
  });

  test('of this repository knows what its own bundle needs', async () => {
    const root = resolve(import.meta.dirname, '../../..');
    const integrities = await integritiesOf('package-lock.json', readFileSync(join(root, 'package-lock.json'), 'utf8'));
    const [pg] = await packagesIn(root, ['node_modules/pg/lib/index.js'], integrities);
    expect(pg).toMatchObject({ name: 'pg', license: 'MIT', integrity: expect.stringMatching(/^sha512-/) });
  });
});
