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
export { type Layer, type LayerOptions, layerOf } from './layer.ts';
export type { DiskFile, FileMode, LayerFile, RegularFile, SymbolicLink } from './layer-file.ts';
export { readTree } from './tree.ts';
