import { resolve } from 'node:path';
import type { Digest } from '../pipeline/mod.ts';
import { readProvisioner } from './bundle/kept-provisioner.ts';
import { LayerMaker, workingDirectory } from './layer-maker.ts';
import type { Layout } from './oci/repository/mod.ts';
import { type Bases, filesOf, labelsOf, writeImage } from './write-image.ts';

export interface ProvisionerInput {
  layout: Layout;
  bases: Bases;
  /** The version of the kit. */
  tool: string;
  /** A directory for what the next time need not be computed again. @default nothing is kept */
  cache?: string | undefined;
  /** The directory of the runtime package. @default the kit's own */
  runtime?: string;
}

/**
 * Writes the image that makes databases and roles into a layout, without the layers of its base; answers its digest. A container of
 * it does what `FAIRLEAD_PROVISION` says and ends. The same kit on the same base gives the same bytes everywhere.
 */
export async function writeProvisioner(input: ProvisionerInput): Promise<Digest> {
  const { layout, bases, tool, cache, runtime = resolve(import.meta.dirname, '../runtime') } = input;
  const { program, driver, packages } = await readProvisioner(runtime);
  const content = {
    name: 'fairlead/provisioner',
    layers: [
      { files: filesOf(driver), createdBy: 'fairlead: dependencies' },
      { files: filesOf([program]), createdBy: 'fairlead: provisioner' },
    ],
    own: [program],
    packages,
    settings: {
      entrypoint: bases.entrypoint,
      cmd: [program.path],
      workingDirectory,
      env: { NODE_ENV: 'production' },
      labels: { ...labelsOf('fairlead provisioner', bases.image), 'org.opencontainers.image.version': tool },
    },
  };
  const layers = new LayerMaker({ repository: layout, cache, allowed: [] });
  return writeImage(content, bases, { repository: layout, layers });
}
