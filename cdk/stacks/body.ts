import { randomUUID } from 'node:crypto';
import type { Clients } from '../clients.ts';
import { codeOf, unless, unlessMissing } from '../errors.ts';
import { type Account, tagNames } from '../model.ts';
import { globalName } from '../names.ts';

/** Bytes that CloudFormation takes with a request, and from a bucket. */
export const limits = { inline: 51_200, stored: 1_000_000 };

/** Days after which AWS takes away a template in the bucket: it is used within the minute. */
const keep = 1;

export type Body = { TemplateBody: string } | { TemplateURL: string };

/** How a template is sent: with the request, or where it is too long for that, by way of a bucket of ours. */
export async function bodyOf(
  text: string,
  { clients, account }: { clients: Clients; account: Account },
): Promise<Body> {
  if (Buffer.byteLength(text) <= limits.inline) return { TemplateBody: text };
  const s3 = await clients.s3();
  const Bucket = globalName(account, 'bucket', 'fairlead', 'templates');
  const Key = `${randomUUID()}.json`;
  // Whoever guesses the name could have made the bucket before us, and change what CloudFormation reads.
  const object = { Bucket, Key, Body: text, ContentType: 'application/json', ExpectedBucketOwner: account.id };
  if (!(await unlessMissing(s3.putObject(object)))) {
    await makeBucket(clients, Bucket, account);
    await s3.putObject(object);
  }
  const { endpoint } = s3.config;
  const at = endpoint && (await endpoint());
  const base = at
    ? `${at.protocol}//${at.hostname}${at.port === undefined ? '' : `:${at.port}`}/${Bucket}`
    : `https://${Bucket}.s3.${account.region}.${account.partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com'}`;
  return { TemplateURL: `${base}/${Key}` };
}

async function makeBucket(clients: Clients, Bucket: string, { region }: Account): Promise<void> {
  const s3 = await clients.s3();
  const location =
    region === 'us-east-1' ? {} : { CreateBucketConfiguration: { LocationConstraint: region as 'eu-central-1' } };
  await unless(s3.createBucket({ Bucket, ...location }), (error) => codeOf(error) === 'BucketAlreadyOwnedByYou');
  await s3.putPublicAccessBlock({
    Bucket,
    PublicAccessBlockConfiguration: {
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    },
  });
  await s3.putBucketLifecycleConfiguration({
    Bucket,
    LifecycleConfiguration: {
      Rules: [{ ID: 'fairlead', Status: 'Enabled', Filter: { Prefix: '' }, Expiration: { Days: keep } }],
    },
  });
  await s3.putBucketTagging({ Bucket, Tagging: { TagSet: [{ Key: tagNames.foundation, Value: 'templates' }] } });
}
