import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { RemoteBucket } from '../../../runtime/storage/objects/configured.ts';
import { openDiskBucket } from '../../../runtime/storage/objects/disk.ts';
import { openBucket } from '../../../runtime/storage/objects/gcs.ts';
import { Bucket } from '../../../runtime/storage/objects/mod.ts';
import { provideBuckets } from '../../../runtime/storage/objects/provider.ts';

// An upload is given up when its source has been read to its end.

const files = new Bucket('files');
const use = (bucket: RemoteBucket) => provideBuckets(() => Object.assign(bucket, { publicUrl: () => '' }));

test('on a disk', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'fairlead-given-up-'));
  try {
    const config = { directory, operations: ['upload' as const] };
    use(openDiskBucket({ type: 'disk', base_url: '', buckets: { files: config } }, 'files', config));
    const given = new AbortController();
    const source = async function* () {
      yield Buffer.alloc(1_000_000);
      // The source is at its end then, and its bytes are being written to the disk.
      setImmediate(() => given.abort(new Error('given up')));
    };
    await expect(files.uploadStream('a', source(), { signal: given.signal })).rejects.toThrow('given up');
    expect(await files.exists('a')).toBe(false);
    expect(readdirSync(join(directory, 'drafts'))).toEqual([]);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test.each([
  ['in one', 10, ['POST multipart']],
  ['in parts', 10_000_000, ['POST resumable', 'PUT bytes 0-8388607/*', 'PUT bytes 8388608-9999999/10000000', 'DELETE']],
])('on Google Cloud Storage, %s', async (_, size, requests) => {
  const asked: string[] = [];
  const given = new AbortController();
  const server = createServer((request, response) => {
    request.resume().on('end', () => answer(request, response));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  function answer({ method = '', url = '', headers }: IncomingMessage, response: ServerResponse): void {
    const kind = new URL(url, endpoint).searchParams.get('uploadType');
    const range = headers['content-range'];
    asked.push([method, range ?? kind ?? ''].join(' ').trim());
    if (kind === 'resumable') response.writeHead(200, { location: `${endpoint}/session` }).end();
    else if (method === 'DELETE') response.writeHead(499).end();
    else if (range?.endsWith('/*')) response.writeHead(308, { range: 'bytes=0-8388607' }).end();
    // Google has all of it, and says nothing yet.
    else given.abort(new Error('given up'));
  }
  try {
    use(openBucket({ type: 'gcs', endpoint, buckets: {} }, { name: 'files' }));
    const upload = files.uploadStream('a', [Buffer.alloc(size)], { signal: given.signal });
    await expect(upload).rejects.toThrow('given up');
    expect(asked).toEqual(requests);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
