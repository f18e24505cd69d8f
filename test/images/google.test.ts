import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { createBuilder } from '../../images/mod.ts';
import { openLayout } from '../../images/oci/repository/mod.ts';
import { unpack } from '../../images/unpack.ts';
import { type Digest, parseConfig } from '../../pipeline/mod.ts';
import type { InfraConfig } from '../../runtime/wire.ts';
import { fakeGcs, startFakeGcs } from '../support/fake-gcs.ts';
import { startTokenIssuer } from '../support/google-tokens.ts';
import { directory } from './sample.ts';
import { start } from './support/built-process.ts';

const keeper = {
  'site/package.json': '{"name":"keeper","type":"module"}',
  'site/tsconfig.json': '{"compilerOptions":{"strict":true,"module":"preserve","moduleResolution":"bundler"}}',
  'site/keeper/keeper.ts': `
    import { api } from 'encore.dev/api';
    import { secret } from 'encore.dev/config';
    import { CronJob } from 'encore.dev/cron';
    import { Subscription, Topic } from 'encore.dev/pubsub';
    import { Bucket } from 'encore.dev/storage/objects';
    const files = new Bucket('files');
    const made = new Topic<{ name: string }>('made', { deliveryGuarantee: 'at-least-once' });
    const content = secret('Content');
    const _keep = new Subscription(made, 'keep', {
      handler: async ({ name }) => { await files.upload(name, Buffer.from(content())); },
    });
    export const read = api({ method: 'GET', path: '/read/:name', expose: true },
      async ({ name }: { name: string }): Promise<{ text: string }> => ({ text: (await files.download(name)).toString() }));
    export const tidy = api({}, async (): Promise<void> => { await files.remove('made'); });
    const _tidy = new CronJob('tidy', { every: '1h', endpoint: tidy });`,
  'secrets/Content': 'of a file\n',
};

(fakeGcs ? test : test.skip)('an application on Google runs from its image, where fake-gcs-server is', async () => {
  await using work = await directory(keeper);
  const [issuer, gcs] = [await startTokenIssuer(), await startFakeGcs(fakeGcs!)];
  try {
    await gcs.createBucket('bucket');
    const image = await imageOf(work.path);
    const [email, audience] = ['caller@test.iam.gserviceaccount.com', 'https://app.example'];
    const push_config = { id: 'keep', service_account: email, jwt_audience: audience };
    const subscriptions = { keep: { name: 'keep', push_config } };
    const config: InfraConfig = {
      metadata: { cloud: 'gcp', env_type: 'production' },
      pubsub: [{ type: 'gcp_pubsub', project_id: 'test', topics: { made: { name: 'made', subscriptions } } }],
      object_storage: [{ type: 'gcs', endpoint: gcs.endpoint, buckets: { files: { name: 'bucket' } } }],
      fairlead: {
        version: 1,
        cron: { type: 'google_http', service_account: email, audience },
        secrets_directory: join(work.path, 'secrets'),
      },
    };
    await using app = await start(image, work.path, config, issuer.env);
    const headers = { authorization: `Bearer ${issuer.sign({ email, aud: audience })}` };
    const post = async (path: string, body?: string) =>
      (await fetch(app.url + path, { method: 'POST', headers, ...(body && { body }) })).status;
    const data = Buffer.from('{"name":"made"}').toString('base64');
    expect(await post('/__encore/pubsub/push/keep', JSON.stringify({ message: { data, messageId: '1' } }))).toBe(204);
    expect(await (await fetch(`${app.url}/read/made`)).json()).toEqual({ text: 'of a file' });
    expect(await post('/__fairlead/cron/tidy')).toBe(200);
    expect((await fetch(`${app.url}/read/made`)).status).toBe(500);
  } finally {
    await Promise.all([issuer.stop(), gcs.stop()]);
  }
});

/** The unpacked image of the process that hosts everything. */
async function imageOf(work: string): Promise<string> {
  const repository = openLayout(join(work, 'store'));
  const quiet = { step: <T>(_: string, run: () => Promise<T>) => run(), info() {}, warn() {} };
  const builder = createBuilder({ repository, tool: '1.2.3' });
  const release = await builder.build(join(work, 'site'), parseConfig('{}', 'fairlead.json'), quiet);
  const image = join(work, 'image');
  await mkdir(image);
  await unpack(repository, release.content.images['all-in-one/app'] as Digest, image);
  return image;
}
