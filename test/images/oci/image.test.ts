import { expect, test } from '@jest/globals';
import { digestOf, type ImageConfig, type Index, type Manifest } from '../../../images/oci/descriptor.ts';
import {
  type Base,
  type Encoded,
  type Image,
  type ImageSettings,
  imageOf,
  indexOf,
  layerOf,
  scratch,
} from '../../../images/oci/image/mod.ts';

const amd64 = { os: 'linux', architecture: 'amd64' };
const arm64 = { os: 'linux', architecture: 'arm64', variant: 'v8' };
const settings: ImageSettings = { entrypoint: ['/bin/node', 'main.mjs'] };
const digest = (digit: string) => `sha256:${digit.repeat(64)}` as const;

const base: Base = {
  platform: amd64,
  layers: [
    { mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip', digest: digest('a'), size: 10 },
    {
      mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd',
      digest: digest('b'),
      size: 20,
      annotations: { a: 'b' },
    },
  ],
  config: {
    ...amd64,
    created: '2026-01-01T00:00:00Z',
    config: {
      User: 'root',
      Env: ['PATH=/usr/bin', 'NODE_VERSION=24.1.0', 'EMPTY'],
      Cmd: ['bash'],
      Labels: { vendor: 'us' },
      ExposedPorts: { '80/tcp': {} },
      Healthcheck: { Test: ['CMD', 'true'] },
    },
    rootfs: { type: 'layers', diff_ids: [digest('c'), digest('d')] },
    history: [
      { created: '2026-01-01T00:00:00Z', created_by: 'ADD rootfs' },
      { created: '2026-01-01T00:00:00Z', created_by: 'CMD bash', empty_layer: true },
      { created: '2026-01-01T00:00:00Z', created_by: 'RUN apt' },
    ],
  },
};

const layer = {
  descriptor: { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: digest('e'), size: 30 },
  diffId: digest('f'),
  createdBy: 'fairlead: application',
};

function read<T>({ descriptor, bytes }: Encoded): T {
  expect(descriptor).toMatchObject({ digest: digestOf(bytes), size: bytes.length });
  return JSON.parse(Buffer.from(bytes).toString()) as T;
}

const configOf = (image: Image) => read<ImageConfig>(image.config);
const manifestOf = (image: Image) => read<Manifest>(image.manifest);

test('an image without a base and with nothing said is a process that is not root', () => {
  const image = imageOf({ base: scratch(arm64), layers: [layer], settings });
  expect(configOf(image)).toEqual({
    os: 'linux',
    architecture: 'arm64',
    variant: 'v8',
    created: '1970-01-01T00:00:00Z',
    config: {
      User: '65532:65532',
      WorkingDir: '/app',
      Entrypoint: ['/bin/node', 'main.mjs'],
      Env: [],
      StopSignal: 'SIGTERM',
    },
    rootfs: { type: 'layers', diff_ids: [digest('f')] },
    history: [{ created: '1970-01-01T00:00:00Z', created_by: 'fairlead: application' }],
  });
  expect(manifestOf(image)).toEqual({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: image.config.descriptor,
    layers: [layer.descriptor],
  });
});

test('an image on a base has its layers by reference, its environment and its labels, and another start', () => {
  const image = imageOf({
    base,
    layers: [layer],
    settings: {
      entrypoint: ['node'],
      cmd: ['main.mjs'],
      env: { NODE_ENV: 'production', PATH: '/usr/local/bin:/usr/bin', QUERY: 'a=b' },
      ports: [8080],
      user: '1000:1000',
      workingDirectory: '/srv',
      stopSignal: 'SIGINT',
      labels: { 'org.opencontainers.image.title': 'shop' },
      healthcheck: { command: ['node', 'health.mjs'], interval: 10, timeout: 2.5, startPeriod: 1, retries: 3 },
    },
  });
  expect(configOf(image)).toEqual({
    ...amd64,
    created: '1970-01-01T00:00:00Z',
    config: {
      User: '1000:1000',
      WorkingDir: '/srv',
      Entrypoint: ['node'],
      Cmd: ['main.mjs'],
      Env: ['PATH=/usr/local/bin:/usr/bin', 'NODE_VERSION=24.1.0', 'EMPTY=', 'NODE_ENV=production', 'QUERY=a=b'],
      StopSignal: 'SIGINT',
      ExposedPorts: { '80/tcp': {}, '8080/tcp': {} },
      Labels: { vendor: 'us', 'org.opencontainers.image.title': 'shop' },
      Healthcheck: {
        Test: ['CMD', 'node', 'health.mjs'],
        Interval: 10_000_000_000,
        Timeout: 2_500_000_000,
        StartPeriod: 1_000_000_000,
        Retries: 3,
      },
    },
    rootfs: { type: 'layers', diff_ids: [digest('c'), digest('d'), digest('f')] },
    history: [...base.config.history!, { created: '1970-01-01T00:00:00Z', created_by: 'fairlead: application' }],
  });
  const { layers, annotations } = manifestOf(image);
  expect(layers).toEqual([
    { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: digest('a'), size: 10 },
    { mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd', digest: digest('b'), size: 20 },
    layer.descriptor,
  ]);
  expect(annotations).toEqual({ 'org.opencontainers.image.title': 'shop' });
});

test('a base whose history does not tell of each layer gets one that does', () => {
  const image = imageOf({ base: { ...base, config: { ...base.config, history: [] } }, layers: [layer], settings });
  expect(configOf(image).history!.map(({ created_by }) => created_by)).toEqual([
    'base image',
    'base image',
    'fairlead: application',
  ]);
});

test.each<[string, Partial<Base>, string]>([
  ['another platform', { platform: arm64 }, 'it is for linux/amd64, not for linux/arm64'],
  ['a layer too few', { layers: base.layers.slice(1) }, 'its config knows 2 layers, its manifest 1'],
  [
    'a layer of another kind',
    { layers: [base.layers[0]!, { ...base.layers[1]!, mediaType: 'application/wasm' }] },
    'it has a layer of the type application/wasm',
  ],
])('a base with %s is refused', (_, parts, reason) => {
  expect(() => imageOf({ base: { ...base, ...parts }, layers: [layer], settings })).toThrow(
    `FL2308: the base image cannot be built on: ${reason}`,
  );
});

test('the order in which settings are written does not show', () => {
  const labels = { b: '1', a: '2' };
  const one = imageOf({ base, layers: [layer], settings: { ...settings, labels, ports: [1, 2] } });
  const two = imageOf({ base, layers: [layer], settings: { ports: [2, 1], labels: { a: '2', b: '1' }, ...settings } });
  expect(two.manifest.descriptor).toEqual(one.manifest.descriptor);
});

test('an index has an image per platform, in one order, and no platform twice', () => {
  const images = [arm64, amd64].map((platform) => imageOf({ base: scratch(platform), layers: [layer], settings }));
  const index = indexOf(images);
  expect(read<Index>(index)).toEqual({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [
      { ...images[1]!.manifest.descriptor, platform: amd64 },
      { ...images[0]!.manifest.descriptor, platform: arm64 },
    ],
  });
  expect(indexOf(images.toReversed())).toEqual(index);
  expect(read<Index>(indexOf(images, { a: 'b' })).annotations).toEqual({ a: 'b' });
  expect(() => indexOf([images[0]!, images[0]!])).toThrow('an index has one image per platform');
});

// Every release in every registry is named by these bytes: they change with a reason or not at all.
test('a small image has the digest that it has always had', async () => {
  const files = [
    { path: 'main.mjs', content: Buffer.from('console.log("hello");\n') },
    { path: 'bin/run', mode: 0o755, content: Buffer.from('#!/bin/sh\n') } as const,
    { path: 'grüße.txt', link: 'main.mjs' },
  ];
  const made = await layerOf(files, { prefix: 'app' });
  const image = imageOf({ base: scratch(amd64), layers: [{ ...made, createdBy: 'hello' }], settings });
  expect([made.diffId, made.descriptor.digest, image.manifest.descriptor.digest]).toEqual([
    'sha256:e071143d02cecc03fe96f55a9e24f4c50d85cf62eedc075e4fc8454e103f4aca',
    'sha256:09252305203d32e017e49f2a2db4a0b6e29d06d5f865afcaf5bccb0aebb62984',
    'sha256:a8cb5da0c53dc846d81286ddc63314e46f828c87559e4dd9502c35166bc39b10',
  ]);
});
