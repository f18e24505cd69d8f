export { type Artifact, artifactOf } from './artifact.ts';
export { type Base, scratch } from './base.ts';
export {
  type Encoded,
  type Healthcheck,
  type Image,
  type ImageInput,
  type ImageLayer,
  type ImageSettings,
  imageOf,
  indexOf,
} from './image.ts';
export { type Layer, type LayerOptions, layerOf, openLayer } from './layer.ts';
export type { DiskFile, FileMode, LayerFile, RegularFile, SymbolicLink } from './layer-file.ts';
export { integritiesOf, lockfiles } from './lockfile.ts';
export { bundledInputs, packagesIn, type ShippedPackage } from './packages.ts';
export { type SbomInput, sbomOf, sbomType } from './sbom.ts';
export { readTree } from './tree.ts';
