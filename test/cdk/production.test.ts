import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { openClients } from '../../cdk/clients.ts';
import type { ApplyOptions, Outcome } from '../../pipeline/mod.ts';
import { type AppVersion, environmentOf, get, planOf, post, quiet, tinyGraph } from '../conformance/tiny-app.ts';
import { type AwsHarness, makeAwsHarness } from './support/harness.ts';

// Each step is a deployment with tasks that really run.
jest.setTimeout(240_000);

/** One environment that lives through it all, in this order. */
const production = environmentOf('production', 'production');
let harness: AwsHarness;
let url: string;

beforeAll(async () => {
  harness = await makeAwsHarness();
  await harness.target.secrets.set('tiny', 'GREETING', 'hello', [{ type: 'production' }]);
});
afterAll(async () => {
  if (!harness) return;
  await harness.target.destroy(production, quiet);
  await harness.target.cloud!.destroyFoundation('tiny', 'production', quiet);
  await harness.dispose();
});

async function deploy(app: AppVersion, options: ApplyOptions = {}): Promise<Outcome> {
  return harness.target.apply(planOf(await harness.build(app, tinyGraph(app)), production), quiet, options);
}

const version = async (at: string) => ((await get(at, '/version')) as { version: string }).version;

test('is made with migrations before anything runs', async () => {
  const outcome = await deploy({ version: 'one' });
  expect(outcome).toMatchObject({ started: ['app'], migrations: [{ database: 'notes', version: 1, name: 'init' }] });
  ({ url } = outcome);
  await post(url, '/notes', 'kept');
  expect(await harness.target.read(production)).toMatchObject({ state: 'running', schema: { notes: 1 } });
});

test('tries a new release out alone, then with a part of the requests, while the former one answers', async () => {
  const tried: { alone: boolean; version: string; others: string }[] = [];
  const verify = async (at: string) => {
    tried.push({ alone: at !== url, version: await version(at), others: await version(url) });
  };
  const outcome = await deploy({ version: 'two', migration: 'column' }, { verify });
  expect(outcome).toMatchObject({ url, started: ['app'], migrations: [{ version: 2 }] });
  expect(tried).toHaveLength(2);
  expect(tried[0]).toEqual({ alone: true, version: 'two', others: 'one' });
  expect(tried[1]!.alone).toBe(false);
  expect(await version(url)).toBe('two');
  expect(await get(url, '/notes')).toEqual(['kept']);
});

test('goes back when the new release does not do what it should, before anybody else sees it', async () => {
  const wrong = new Error('it is not what it should be');
  const tried: string[] = [];
  const verify = async (at: string) => {
    tried.push(at);
    throw wrong;
  };
  await expect(deploy({ version: 'three', migration: 'column' }, { verify })).rejects.toBe(wrong);
  expect(tried).toEqual([expect.not.stringContaining(url)]);
  expect(await version(url)).toBe('two');
  expect(await harness.target.read(production)).toMatchObject({ state: 'running', schema: { notes: 2 } });
});

test('goes back when the new release does not run', async () => {
  const refused = deploy({ version: 'four', migration: 'column', health: 'exits' });
  await expect(refused).rejects.toThrow(/FL4008: the process app is not healthy: it ended with code 3.*cannot go on/s);
  expect(await version(url)).toBe('two');
  expect(await harness.target.read(production)).toMatchObject({ state: 'running', url });
});

test('shows no drift of its own making, and what somebody changed by hand', async () => {
  const { cloud } = harness.target;
  expect(await cloud!.drift(production, quiet)).toEqual([]);
  expect(await cloud!.repair(production, quiet)).toEqual([]);
  const clients = openClients(harness.aws.env);
  const sqs = await clients.sqs();
  const { QueueUrls = [] } = await sqs.listQueues({ QueueNamePrefix: 'tiny-production-noted-keep' });
  // Of the dead letters nothing is said, so that theirs is nobody's concern.
  for (const QueueUrl of QueueUrls) await sqs.setQueueAttributes({ QueueUrl, Attributes: { VisibilityTimeout: '77' } });
  await clients.close();
  expect(await cloud!.drift(production, quiet)).toMatchObject([
    { kind: 'changed', differences: [{ property: 'VisibilityTimeout', actual: '77' }] },
  ]);
});

test('sleeps and wakes with its data', async () => {
  const { cloud } = harness.target;
  await cloud!.sleep(production, quiet);
  expect(await harness.target.read(production)).toMatchObject({
    state: 'stopped',
    processes: [{ name: 'app', state: 'stopped' }],
  });
  await cloud!.wake(production, quiet);
  expect(await harness.target.read(production)).toMatchObject({ state: 'running' });
  expect(await get(url, '/notes')).toEqual(['kept']);
});

test('goes whole, and what lies under it only when nothing stands on it', async () => {
  const { cloud } = harness.target;
  await expect(cloud!.destroyFoundation('tiny', 'production', quiet)).rejects.toThrow(
    'FL7210: production of tiny still stands on it',
  );
  expect((await harness.target.destroy(production, quiet)).left).toEqual([]);
  expect(await harness.remains(production)).toEqual([]);
  expect((await cloud!.destroyFoundation('tiny', 'production', quiet)).left).toEqual([]);
});
