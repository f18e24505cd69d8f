import type { FileHash } from '../../files.ts';
import type { Encoded } from './image.ts';
import type { ShippedPackage } from './packages.ts';

export interface SbomInput {
  /** What the image is: the application and its process. */
  name: string;
  /** @default none */
  version?: string;
  packages: readonly ShippedPackage[];
  /** What is in the image beside packages, or everything. */
  files: readonly FileHash[];
}

export const sbomType = 'application/vnd.cyclonedx+json';

/**
 * What an image is made of, as CycloneDX 1.6. Equal contents give equal bytes: there is no time in it, and its serial
 * number is derived from the rest.
 */
export async function sbomOf(input: SbomInput): Promise<Encoded> {
  // The official library takes a while to load, and not every build makes an SBOM.
  const { bomOf } = await import('./cyclonedx.ts');
  return bomOf(input);
}
