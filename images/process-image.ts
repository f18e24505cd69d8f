import type { Digest } from '../pipeline/mod.ts';
import { type AssetFile, hashesOf } from './bundle/assets.ts';
import type { ImageFile } from './files.ts';
import { type LayerMaker, workingDirectory } from './layer-maker.ts';
import type { ImageSettings, LayerFile, ShippedPackage } from './oci/image/mod.ts';
import type { Layout } from './oci/repository/mod.ts';
import { type Bases, filesOf, labelsOf, writeImage } from './write-image.ts';

/** Everything a process is made of. */
export interface ProcessContent {
  application: string;
  /** As in `imageKey`. */
  key: string;
  /** The runtime, and the packages that are not bundled: what changes seldom. */
  dependencies: readonly LayerFile[];
  /** What changes with the application's code. */
  own: readonly ImageFile[];
  /** What its endpoints serve and its code reads. @default none */
  assets?: readonly AssetFile[];
  packages: readonly ShippedPackage[];
}

/** How many layers an image has above its base. */
export const ownLayers = 2;

/** The port that a process listens on unless `PORT` says another. */
const port = 8080;

/** What Docker runs to find out whether a container works. */
const healthScript =
  "fetch('http://127.0.0.1:'+(process.env.PORT||8080)+'/__encore/healthz').then((r)=>process.exit(r.ok?0:1),()=>process.exit(1))";

/** Writes the image of a process into a layout, in two layers above its base. Answers the digest of the index. */
export function writeProcessImage(
  { application, key, dependencies, own, assets = [], packages }: ProcessContent,
  bases: Bases,
  store: { repository: Layout; layers: LayerMaker },
): Promise<Digest> {
  const layers = [
    { files: dependencies, createdBy: 'fairlead: dependencies' },
    { files: [...filesOf(own), ...assets], createdBy: 'fairlead: application' },
  ];
  const settings = settingsOf(bases.entrypoint, labelsOf(`${application} ${key}`, bases.image));
  return writeImage(
    { name: `${application}/${key}`, layers, own, hashed: hashesOf(assets), packages, settings },
    bases,
    store,
  );
}

function settingsOf(node: readonly string[], labels: Record<string, string>): ImageSettings {
  return {
    entrypoint: [...node, '--enable-source-maps'],
    cmd: ['main.mjs'],
    workingDirectory,
    env: { NODE_ENV: 'production' },
    ports: [port],
    labels,
    healthcheck: { command: [...node, '-e', healthScript], interval: 10, timeout: 3, startPeriod: 10, retries: 3 },
  };
}
