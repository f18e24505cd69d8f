import { ConfigReader, nameOf } from '../config.ts';
import { free, type Linker, type Recogniser, takes, type Uses } from '../context.ts';
import type { Facts } from '../facts.ts';
import { didYouMean } from '../suggest.ts';
import { isFree } from './names.ts';

const bucketName = {
  pattern: /^(?=.{1,63}$)[a-z]([-a-z0-9]*[a-z0-9])?$/,
  help: 'Use lower-case letters, digits and `-`, 63 at most, beginning with a letter and not ending with `-`.',
};

/** What is out of sight could do anything to the objects, so it has to be given a reference that says what it does. */
const uses: Uses = {
  members: {
    list: takes('list'),
    exists: takes('attributes'),
    attrs: takes('attributes'),
    upload: takes('upload'),
    uploadStream: takes('upload'),
    download: takes('download'),
    downloadStream: takes('download'),
    remove: takes('remove'),
    signedUploadUrl: takes('sign-upload'),
    signedDownloadUrl: takes('sign-download'),
    publicUrl: takes('public-url'),
    name: free,
    ref: {
      kind: 'reference',
      module: 'encore.dev/storage/objects',
      permissions: {
        Uploader: ['upload'],
        StreamUploader: ['upload'],
        SignedUploader: ['sign-upload'],
        Downloader: ['download'],
        StreamDownloader: ['download'],
        SignedDownloader: ['sign-download'],
        Attrser: ['attributes'],
        Lister: ['list'],
        Remover: ['remove'],
        PublicUrler: ['public-url'],
        ReadWriter: ['attributes', 'download', 'list', 'remove', 'sign-download', 'sign-upload', 'upload'],
      },
    },
  },
};

/** `new Bucket('name', { public, versioned })`. */
export const bucket: Recogniser<{ name: string; public: boolean; versioned: boolean }> = {
  declares: 'encore.dev/storage/objects#Bucket',
  as: 'new',
  bound: 'any',
  what: 'a bucket',
  uses,
  read({ node }, { report }) {
    const name = nameOf(node.arguments?.[0], 'a bucket', node, report, bucketName);
    const config = new ConfigReader(node.arguments?.[1], ['public', 'versioned'], report);
    const flags = { public: config.flag('public') ?? false, versioned: config.flag('versioned') ?? false };
    return name === undefined ? undefined : { name, ...flags };
  },
  link({ value, key, file, position }, linker) {
    linker.resources.set(key, { kind: 'bucket', name: value.name });
    if (!isFree('a bucket', value.name, position, linker.graph.buckets, linker)) return;
    const service = linker.serviceOf(file)?.name;
    linker.graph.buckets.push({ ...value, ...(service !== undefined && { service }), position });
  },
};

/** `Bucket.named('name')`: another module's bucket. */
export const namedBucket: Recogniser<string> = {
  declares: 'encore.dev/storage/objects#Bucket.named',
  as: 'call',
  bound: 'any',
  what: 'a bucket',
  uses,
  read: ({ node }, { report }) => nameOf(node.arguments?.[0], 'a bucket', node, report, bucketName),
  link({ value: name, key, position }, { resources, graph, report }) {
    resources.set(key, { kind: 'bucket', name });
    const names = graph.buckets.map((bucket) => bucket.name);
    if (names.includes(name)) return;
    report.error(
      'FL1405',
      position,
      `there is no bucket named \`${name}\``,
      didYouMean(name, names, `Declare it with \`new Bucket("${name}")\`, or correct the name.`),
    );
  },
};

/** Reports public URLs that are asked of buckets that have none. */
export function checkPublicUrls(files: readonly Facts[], { graph, report, resources }: Linker): void {
  for (const { resource, operation, position } of files
    .flatMap(({ code }) => Object.values(code))
    .flatMap(({ uses }) => uses)) {
    if (operation !== 'public-url' || !('key' in resource)) continue;
    const bucket = graph.buckets.find(({ name }) => name === resources.get(resource.key)?.name);
    if (!bucket || bucket.public) continue;
    report.error(
      'FL1901',
      position,
      `the bucket \`${bucket.name}\` is not public, so that its objects have no public URL`,
      'Declare it with `public: true`, or give out a `signedDownloadUrl`.',
      [{ message: 'the bucket', position: bucket.position }],
    );
  }
}
