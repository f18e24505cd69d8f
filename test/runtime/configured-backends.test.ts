import { expect, test } from '@jest/globals';
import { checkConfig } from '../../runtime/infra/schema.ts';

const topics = { jobs: { name: 'jobs', subscriptions: { work: { name: 'work' } } } };

test('a configuration of Google is taken as it is', () => {
  const config = {
    pubsub: [
      { type: 'aws_sns_sqs', topics: { other: { arn: 'arn', subscriptions: {} } } },
      { type: 'gcp_pubsub', project_id: 'test', topics },
    ],
    object_storage: [{ type: 'gcs', endpoint: 'http://localhost', buckets: { files: { name: 'bucket' } } }],
    fairlead: {
      version: 1,
      cron: { type: 'google_http', service_account: 'a@b', audience: 'c' },
      secrets_directory: '/secrets',
    },
  };
  expect(checkConfig(JSON.stringify(config), 'here')).toEqual(config);
});

test.each<[string, object, string]>([
  ['lacks its topics', { pubsub: [{ type: 'gcp_pubsub' }] }, 'missing field pubsub[0].topics'],
  [
    'has a topic without a name',
    { pubsub: [{ type: 'gcp_pubsub', topics: { jobs: { subscriptions: {} } } }] },
    'missing field pubsub[0].topics.jobs.name',
  ],
  [
    'is pushed for nobody',
    {
      pubsub: [
        {
          type: 'gcp_pubsub',
          topics: {
            jobs: {
              name: 'jobs',
              subscriptions: { work: { name: 'w', push_config: { id: 'a', service_account: 'b' } } },
            },
          },
        },
      ],
    },
    'missing field pubsub[0].topics.jobs.subscriptions.work.push_config.jwt_audience',
  ],
  ['lacks its buckets', { object_storage: [{ type: 'gcs' }] }, 'missing field object_storage[0].buckets'],
  [
    'lacks its audience',
    { fairlead: { version: 1, cron: { type: 'google_http', service_account: 'a' } } },
    'missing field fairlead.cron.audience',
  ],
])('one that %s is refused at its place', (_, config, said) =>
  expect(() => checkConfig(JSON.stringify(config), 'here')).toThrow(`the configuration here is not valid: ${said}`),
);
