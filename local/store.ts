// Not from its mod.ts, which would load what speaks with registries, too.
import { type Layout, openLayout } from '../images/oci/repository/layout/layout.ts';
import type { ImageSource } from './images.ts';
import { pathsOf } from './state.ts';

/** Where this machine keeps an application's images and releases: an OCI image layout, which other tools read, too. */
export function storeOf(stateDirectory: string, application: string): Layout {
  return openLayout(pathsOf(stateDirectory).store(application));
}

/** The images of every application that this machine keeps. */
export function storedImages(stateDirectory: string): ImageSource {
  return {
    async unpack(application, image, directory) {
      const { unpack } = await import('../images/unpack.ts');
      await unpack(storeOf(stateDirectory, application), image, directory);
    },
  };
}
