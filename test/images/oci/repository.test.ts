import { join } from 'node:path';
import { describe, test } from '@jest/globals';
import { openLayout, openRegistry } from '../../../images/oci/repository/mod.ts';
import { describeRepository, type Harness } from '../../conformance/repository.ts';
import {
  dockerRegistry,
  goRegistry,
  startDockerRegistry,
  startGoRegistry,
  type TestRegistry,
} from '../../support/registries.ts';
import { directory } from '../sample.ts';

async function layouts(): Promise<Harness> {
  const root = await directory();
  let count = 0;
  return {
    repository: async () => openLayout(join(root.path, `r${count++}`)),
    dispose: () => root[Symbol.asyncDispose](),
  };
}

async function remote(starting: Promise<TestRegistry>): Promise<Harness> {
  const server = await starting;
  // Small chunks, so that blobs of a few megabytes are sent in several.
  const registry = openRegistry(server.host, { upload: { chunkSize: 1_000_000 } });
  let count = 0;
  return {
    repository: async () => registry.repository(`team/r${count++}`),
    async dispose() {
      await registry.close();
      await server.stop();
    },
  };
}

describeRepository('in an image layout', layouts, {
  checksLayers: true,
  removesTags: true,
  removesTagsOfManifest: true,
  mounts: true,
  sharesBlobs: false,
});

if (dockerRegistry) {
  const program = dockerRegistry;
  describeRepository('of docker-registry', () => remote(startDockerRegistry(program)), {
    checksLayers: true,
    removesTags: false,
    removesTagsOfManifest: true,
    mounts: true,
    sharesBlobs: false,
  });
} else absent('docker-registry');

if (goRegistry) {
  const program = goRegistry;
  for (const referrers of [false, true])
    describeRepository(
      `of go-containerregistry ${referrers ? 'with' : 'without'} the interface for referrers`,
      () => remote(startGoRegistry(program, { referrers })),
      { checksLayers: false, removesTags: true, removesTagsOfManifest: false, mounts: false, sharesBlobs: true },
    );
} else absent('go-containerregistry');

function absent(name: string): void {
  describe(`the repository of ${name}`, () => {
    test.skip(`is not tested: ${name} is not there`, () => {});
  });
}
