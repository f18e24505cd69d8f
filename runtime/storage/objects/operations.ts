import type { BucketOperation } from '../../wire.ts';
import type { BucketProvider } from './provider.ts';

const operationOf: Record<keyof BucketProvider, BucketOperation> = {
  list: 'list',
  attrs: 'attributes',
  upload: 'upload',
  uploadStream: 'upload',
  download: 'download',
  downloadStream: 'download',
  remove: 'remove',
  signedUploadUrl: 'sign-upload',
  signedDownloadUrl: 'sign-download',
  publicUrl: 'public-url',
};

/** A bucket with which no more can be done than what is allowed, as a cloud would have it. */
export function allowing(
  provider: BucketProvider,
  bucket: string,
  allowed: readonly BucketOperation[],
): BucketProvider {
  const refuse = (operation: BucketOperation) => () => {
    throw new Error(`bucket ${bucket}: this process has no permission to ${words[operation]}`);
  };
  const methods = Object.entries(operationOf) as [keyof BucketProvider, BucketOperation][];
  const refused = methods.filter(([, operation]) => !allowed.includes(operation));
  return { ...provider, ...Object.fromEntries(refused.map(([method, operation]) => [method, refuse(operation)])) };
}

const words: Record<BucketOperation, string> = {
  list: 'list objects',
  attributes: 'read attributes of objects',
  upload: 'upload objects',
  download: 'download objects',
  remove: 'remove objects',
  'sign-upload': 'sign URLs for uploads',
  'sign-download': 'sign URLs for downloads',
  'public-url': 'name public URLs',
};
