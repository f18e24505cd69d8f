export { allowing } from './allowing.ts';
export { lastingNamesIn, placeIn, trustedBasesIn } from './configured.ts';
export { type AwsImages, type AwsImagesOptions, openAwsImages } from './images/mod.ts';
export { makeProvisioner, type ProvisionerOptions } from './images/provisioner.ts';
export { type AwsTargetOptions, createAwsTarget } from './target.ts';
