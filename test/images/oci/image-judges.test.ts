import { lstat, readdir, readFile, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import {
  artifactOf,
  type Image,
  imageOf,
  indexOf,
  type LayerFile,
  layerOf,
  sbomOf,
  scratch,
} from '../../../images/oci/image/mod.ts';
import { directory } from '../sample.ts';
import { judge, testWith } from './support/judge.ts';
import { blobsOf, blobsOfArtifact, writeLayout } from './support/layout.ts';

const long = `${'d'.repeat(200)}/${'f'.repeat(200)}.txt`;
const files: LayerFile[] = [
  { path: 'main.mjs', content: Buffer.from('console.log("hello");\n') },
  { path: 'bin/run', mode: 0o755, content: Buffer.from('#!/bin/sh\n') },
  { path: 'node_modules/store/a/index.js', content: Buffer.from('x'.repeat(100_000)) },
  { path: 'node_modules/a', link: 'store/a' },
  { path: 'grüße und mehr/日本.txt', content: Buffer.from('Unicode') },
  { path: long, content: Buffer.from('long') },
];

/** An image for two platforms with two layers, an SBOM beside it, as a layout on disk. */
async function example(path: string) {
  const [dependencies, application] = await Promise.all([
    layerOf(files.slice(2), { prefix: 'app' }),
    layerOf(files.slice(0, 2), { prefix: 'app' }),
  ]);
  const images = ['amd64', 'arm64'].map((architecture) =>
    imageOf({
      base: scratch({ os: 'linux', architecture }),
      layers: [
        { ...dependencies, createdBy: 'fairlead: dependencies' },
        { ...application, createdBy: 'fairlead: application' },
      ],
      settings: {
        entrypoint: ['/app/bin/run'],
        cmd: ['main.mjs'],
        env: { NODE_ENV: 'production' },
        ports: [8080],
        labels: { 'org.opencontainers.image.title': 'shop' },
        healthcheck: { command: ['/app/bin/run', 'health'], interval: 10, timeout: 2, startPeriod: 5, retries: 3 },
      },
    }),
  );
  const index = indexOf(images);
  const artifact = artifactOf(await sbomOf({ name: 'shop', packages: [], files: [] }), index.descriptor, 'sbom.json');
  await writeLayout(path, { shop: index, sbom: artifact.manifest }, [
    ...images.flatMap(blobsOf),
    ...blobsOfArtifact(artifact),
    dependencies,
    application,
  ]);
  const [image] = images as [Image, Image];
  return { image, images, index, artifact, layers: [dependencies, application] };
}

testWith('skopeo')('skopeo reads and copies image, index and artifact without changing a byte', async () => {
  await using root = await directory();
  const { image, index, artifact, layers, images } = await example(join(root.path, 'layout'));
  const source = `oci:${root.path}/layout:shop`;
  const seen = JSON.parse(judge('skopeo', 'inspect', '--override-arch=amd64', '--override-os=linux', source));
  expect(seen).toMatchObject({
    Architecture: 'amd64',
    Os: 'linux',
    Labels: { 'org.opencontainers.image.title': 'shop' },
    Layers: layers.map(({ descriptor }) => descriptor.digest),
    Env: ['NODE_ENV=production'],
  });
  expect(judge('skopeo', 'inspect', '--raw', source)).toBe(Buffer.from(index.bytes).toString());
  judge(
    'skopeo',
    'copy',
    '--override-arch=amd64',
    '--override-os=linux',
    '--preserve-digests',
    source,
    `dir:${root.path}/one`,
  );
  expect((await readFile(join(root.path, 'one/manifest.json'))).equals(Buffer.from(image.manifest.bytes))).toBe(true);
  judge('skopeo', 'copy', '--all', '--preserve-digests', source, `dir:${root.path}/all`);
  const copied = await readdir(join(root.path, 'all'));
  for (const { config } of images) expect(copied).toContain(config.descriptor.digest.slice('sha256:'.length));
  judge('skopeo', 'copy', '--preserve-digests', `oci:${root.path}/layout:sbom`, `dir:${root.path}/sbom`);
  expect(await readdir(join(root.path, 'sbom'))).toContain(artifact.content.descriptor.digest.slice('sha256:'.length));
});

testWith('skopeo')("skopeo puts it into Docker's own archive", async () => {
  await using root = await directory();
  await example(join(root.path, 'layout'));
  const archive = `docker-archive:${root.path}/shop.tar:shop:1`;
  judge('skopeo', 'copy', '--override-arch=arm64', '--override-os=linux', `oci:${root.path}/layout:shop`, archive);
  expect(JSON.parse(judge('skopeo', 'inspect', '--config', `docker-archive:${root.path}/shop.tar`))).toMatchObject({
    architecture: 'arm64',
    config: { User: '65532:65532', ExposedPorts: { '8080/tcp': {} }, WorkingDir: '/app' },
  });
});

testWith('umoci')('umoci unpacks every file as it is, and a bundle that is not root', async () => {
  await using root = await directory();
  const { image, layers } = await example(join(root.path, 'layout'));
  await writeLayout(join(root.path, 'single'), { shop: image.manifest }, [image.config, ...layers]);
  judge('umoci', 'unpack', '--rootless', '--image', `${root.path}/single:shop`, join(root.path, 'bundle'));
  const at = (path: string): string => join(root.path, 'bundle/rootfs/app', path);
  for (const file of files) {
    if ('link' in file) expect(await readlink(at(file.path))).toBe(file.link);
    else {
      expect((await readFile(at(file.path))).equals(file.content as Buffer)).toBe(true);
      expect((await lstat(at(file.path))).mode & 0o7777).toBe(file.mode ?? 0o644);
    }
  }
  expect((await stat(at('main.mjs'))).mtimeMs).toBe(0);
  expect((await stat(at('node_modules'))).mode & 0o7777).toBe(0o755);
  const { process: started } = JSON.parse(await readFile(join(root.path, 'bundle/config.json'), 'utf8'));
  expect(started).toMatchObject({ user: { uid: 65532, gid: 65532 }, args: ['/app/bin/run', 'main.mjs'], cwd: '/app' });
  expect(started.env).toContain('NODE_ENV=production');
  const history = JSON.parse(judge('umoci', 'stat', '--json', '--image', `${root.path}/single:shop`)).history;
  expect(history.map(({ created_by }: { created_by: string }) => created_by)).toEqual([
    'fairlead: dependencies',
    'fairlead: application',
  ]);
});
