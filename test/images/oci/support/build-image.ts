import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { argv } from 'node:process';
import { imageOf, layerOf, readTree, sbomOf, scratch } from '../../../../images/oci/image/mod.ts';

/**
 * Makes an image of the directory that is the first argument, with the kit's own code path and nothing else, writes its
 * layer into the second, and prints what it made as JSON. Run by the tests as a process of its own.
 */
const [, , source = '', out = ''] = argv;
const layer = await layerOf(await readTree(source), { prefix: 'app', directory: out });
const image = imageOf({
  base: scratch({ os: 'linux', architecture: 'amd64' }),
  layers: [{ ...layer, createdBy: 'test' }],
  settings: { entrypoint: ['/app/run'], env: { A: '1' }, labels: { 'org.opencontainers.image.title': 'test' } },
});
const packages = ['ä', 'z', 'a', 'B', 'i', 'ı'].map((name) => ({ name, version: '1.0.0', license: 'MIT' }));
const sbom = await sbomOf({ name: 'test', packages, files: [] });
await writeFile(join(out, 'manifest.json'), image.manifest.bytes);
console.log(
  JSON.stringify({
    manifest: image.manifest.descriptor.digest,
    sbom: sbom.descriptor.digest,
    layer: layer.descriptor.digest,
    seen: {
      uid: process.getuid?.(),
      year: new Date().getFullYear(),
      zone: new Date(0).getHours(),
      umask: process.umask(),
    },
  }),
);
