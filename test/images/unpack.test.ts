import { randomBytes } from 'node:crypto';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { digestOf, mediaTypes } from '../../images/oci/descriptor.ts';
import { imageOf, layerOf, openLayer, scratch } from '../../images/oci/image/mod.ts';
import { openLayout } from '../../images/oci/repository/mod.ts';
import { unpack } from '../../images/unpack.ts';
import { directory } from './sample.ts';

/** A layout with one image of these two layers, and an empty directory. */
async function imageOfLayers(top: Uint8Array) {
  const work = await directory();
  const layout = openLayout(join(work.path, 'layout'));
  const below = await layerOf([{ path: 'main.mjs', content: Buffer.from('main') }], { prefix: 'app' });
  await layout.writeBlob(below.descriptor, openLayer(below));
  const descriptor = { mediaType: mediaTypes.layer, digest: digestOf(top), size: top.length };
  await layout.writeBlob(descriptor, () => top);
  const { config, manifest } = imageOf({
    base: scratch({ os: 'linux', architecture: 'amd64' }),
    layers: [
      { ...below, createdBy: 'below' },
      { descriptor, diffId: digestOf('top'), createdBy: 'top' },
    ],
    settings: { entrypoint: ['node'] },
  });
  await layout.writeBlob(config.descriptor, () => config.bytes);
  await layout.putManifest(manifest.bytes, manifest.descriptor.mediaType);
  const target = join(work.path, 'target');
  await mkdir(target);
  return {
    target,
    work: work.path,
    unpack: () => unpack(layout, manifest.descriptor.digest, target),
    [Symbol.asyncDispose]: () => work[Symbol.asyncDispose](),
  };
}

/** A tar entry by hand, with whatever name, mode and type, and what a link leads to. */
function tar(name: string, content: string, { mode = '0000644', type = '0', to = '' } = {}): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write(`${mode}\0`, 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write(' '.repeat(8), 148);
  header.write(type, 156);
  header.write(to, 157);
  header.write('ustar\0' + '00', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  const padding = Buffer.alloc((512 - (content.length % 512)) % 512);
  return Buffer.concat([header, Buffer.from(content), padding, Buffer.alloc(1024)]);
}

test('lays out the files of all own layers', async () => {
  await using image = await imageOfLayers(gzipSync(tar('app/more.txt', 'more')));
  await image.unpack();
  expect(await readFile(join(image.target, 'main.mjs'), 'utf8')).toBe('main');
  expect(await readFile(join(image.target, 'more.txt'), 'utf8')).toBe('more');
});

test.each([
  ['a path that leads out', gzipSync(tar('app/../../escaped.txt', 'out'))],
  ['no gzip', randomBytes(300)],
  ['a link to a file that is not there', gzipSync(tar('app/more.txt', '', { type: '1', to: 'etc/passwd' }))],
  ['a file in place of a directory', gzipSync(Buffer.concat([tar('app/a/b', '').subarray(0, 512), tar('app/a', '')]))],
  ['a device', gzipSync(tar('app/null', '', { type: '3' }))],
  ['half an archive', gzipSync(tar('app/more.txt', 'x'.repeat(4000)).subarray(0, 1500))],
])('refuses %s', async (_, layer) => {
  await using image = await imageOfLayers(layer);
  await expect(image.unpack()).rejects.toThrow(/FL2102.*cannot be laid out/);
  await expect(readFile(join(image.work, 'escaped.txt'))).rejects.toThrow('ENOENT');
});

test('fails where the disk refuses a file', async () => {
  await using image = await imageOfLayers(gzipSync(tar('app/more.txt', 'more')));
  await mkdir(join(image.target, 'more.txt/in/the/way'), { recursive: true });
  await expect(image.unpack()).rejects.toThrow(/more\.txt/);
});

test('nothing in it runs as its owner', async () => {
  await using image = await imageOfLayers(gzipSync(tar('app/more.sh', 'more', { mode: '0006755' })));
  await image.unpack();
  expect(((await stat(join(image.target, 'more.sh'))).mode & 0o7777).toString(8)).toBe('755');
});
