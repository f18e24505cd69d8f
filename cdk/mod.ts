export { type AwsImages, type AwsImagesOptions, openAwsImages } from './images/mod.ts';
export { type AwsTargetOptions, createAwsTarget } from './target.ts';
