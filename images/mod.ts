export { type BuilderOptions, createBuilder } from './builder.ts';
export { hashSource, readSource } from './bundle/source-hash.ts';
export { Workbench } from './bundle/workbench.ts';
export { type ProvisionerInput, writeProvisioner } from './provisioner.ts';
export { scratchBases } from './scratch-bases.ts';
export type { Bases } from './write-image.ts';
