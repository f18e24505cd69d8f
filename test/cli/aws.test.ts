import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { SQS } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type FakeAws, makeFakeAws } from '../fakes/aws/fake.ts';
import { fairlead } from './fairlead.ts';

const run = promisify(execFile);

/** The life of environments in AWS by the command line alone, told in order: each test goes on where the one before it stopped. */
let aws: FakeAws;
let home: string;
let shop: string;

beforeAll(async () => {
  aws = await makeFakeAws({ containers: 'real' });
  home = await mkdtemp(join(tmpdir(), 'fairlead-cli-aws-'));
  shop = join(home, 'shop');
  await cp(resolve('examples/shop'), shop, { recursive: true, filter: (path) => !path.endsWith('node_modules') });
  const settings = { target: 'aws', build: { base: 'scratch' }, aws: { account: '123456789012' } };
  await writeFile(join(shop, 'fairlead.json'), JSON.stringify(settings));
  await run('git', ['init', '--quiet'], { cwd: shop });
});
afterAll(async () => {
  await aws.dispose();
  await rm(home, { recursive: true, force: true });
});

const command = (args: string[], options: { input?: string; env?: Record<string, string> } = {}) =>
  fairlead([...args, '--dir', shop, '--state-dir', join(home, 'state')], {
    ...options,
    env: { ...aws.env, NO_COLOR: '1', ...options.env },
  });

/** What a command that has to succeed prints. */
async function printed(args: string[], input?: string): Promise<string> {
  const { code, stdout, stderr } = await command(args, input === undefined ? {} : { input });
  if (code !== 0) throw new Error(`fairlead ${args.join(' ')} ended with ${code}:\n${stderr}\n${stdout}`);
  return stdout;
}

// biome-ignore lint/suspicious/noExplicitAny: each command has a document of its own.
const document = async (args: string[]): Promise<any> => JSON.parse(await printed([...args, '--json']));

test('what is missing is said before anything is there', async () => {
  const { code, stderr } = await command(['promote']);
  expect(code).toBe(1);
  expect(stderr).toMatch(/FL4010: the secret MailApiKey has no value in production/);
  expect((await document(['list'])).environments).toEqual([]);
  await printed(['secret', 'set', 'MailApiKey', '--type', 'production,preview'], 'a-key-that-nobody-sees');
  expect(await printed(['secret', 'list'])).toMatch(/MailApiKey/);
}, 60_000);

test('plan says what would be made, why, who may do what, and what it costs', async () => {
  const { foresight } = await document(['plan', '--env', 'production']);
  expect(foresight.resources.every(({ action }: { action: string }) => action === 'add')).toBe(true);
  expect(foresight.resources).toContainEqual(
    expect.objectContaining({
      part: 'environment',
      subject: expect.stringMatching(/order-created/),
      position: expect.anything(),
    }),
  );
  expect(foresight.cost.before.monthly).toBe(0);
  expect(foresight.cost.after.monthly).toBeGreaterThan(100);
  expect(foresight.migrations.length).toBeGreaterThan(0);
  const text = await printed(['plan', '--env', 'production']);
  expect(text).toMatch(/\+ .*order-created/);
  expect(text).toMatch(/sns:Publish/);
  expect(text).not.toContain('a-key-that-nobody-sees');
}, 120_000);

test('promote puts production up; list, status, logs and cost know it', async () => {
  const { url, release } = await document(['promote']);
  const response = await fetch(`${url}/orders`, {
    method: 'POST',
    body: JSON.stringify({ customer: 'ann@example.com', product: 'rope', quantity: 3 }),
  });
  expect(response.status).toBe(200);
  expect((await document(['list'])).environments).toMatchObject([
    { environment: { application: 'shop', name: 'production' }, state: 'running', release, url },
  ]);
  expect((await document(['status'])).environments).toMatchObject([{ schema: { orders: 1, analytics: 1 } }]);
  expect(await printed(['logs', '--env', 'production'])).toMatch(/order-1|message handled/);
  expect((await document(['cost', '--env', 'production'])).monthly).toBeGreaterThan(100);
  expect((await document(['plan', '--env', 'production'])).foresight.resources).toEqual([]);
}, 300_000);

test('a preview costs little, sleeps and wakes', async () => {
  const { url } = await document(['preview', '--pr', '1']);
  expect((await fetch(`${url}/orders/1`)).status).toBe(404);
  expect((await document(['cost', '--env', 'pr-1'])).monthly).toBeLessThan(
    (await document(['cost', '--env', 'production'])).monthly / 4,
  );
  await printed(['sleep', '--env', 'pr-1']);
  const states = async () =>
    Object.fromEntries(
      (await document(['list'])).environments.map(
        ({ environment, state }: { environment: { name: string }; state: string }) => [environment.name, state],
      ),
    );
  expect(await states()).toEqual({ production: 'running', 'pr-1': 'stopped' });
  await printed(['wake', '--env', 'pr-1']);
  expect(await states()).toEqual({ production: 'running', 'pr-1': 'running' });
  expect((await fetch(`${url}/orders/1`)).status).toBe(404);
}, 300_000);

test('drift shows what was changed by hand, and brings it back', async () => {
  expect(await document(['drift', '--env', 'pr-1'])).toMatchObject({ drift: [] });
  const sqs = new SQS({
    endpoint: aws.url,
    region: aws.env.AWS_REGION!,
    credentials: { accessKeyId: aws.env.AWS_ACCESS_KEY_ID!, secretAccessKey: aws.env.AWS_SECRET_ACCESS_KEY! },
  });
  const { QueueUrls = [] } = await sqs.listQueues({});
  const queue = QueueUrls.find((one) => /pr-1.*record-sale/i.test(one) && !/dead/i.test(one))!;
  await sqs.setQueueAttributes({ QueueUrl: queue, Attributes: { VisibilityTimeout: '7' } });
  const { code, stdout } = await command(['drift', '--env', 'pr-1']);
  expect(code).toBe(1);
  expect(stdout).toMatch(/queue shop-pr-1-order-created-record-sale-.*\n.*VisibilityTimeout: 30 → 7/);
  await printed(['drift', '--env', 'pr-1', '--revert']);
  expect(await document(['drift', '--env', 'pr-1'])).toMatchObject({ drift: [] });
  sqs.destroy();
}, 300_000);

test('repair has nothing to do where nothing is wrong, and synth writes what the CDK reads', async () => {
  expect(await document(['repair', '--env', 'pr-1'])).toMatchObject({ repaired: [] });
  const output = join(home, 'cdk.out');
  const { files } = await document(['synth', '--env', 'production', '-o', output]);
  expect(files).toContain('manifest.json');
  const manifest = JSON.parse(await readFile(join(output, 'manifest.json'), 'utf8'));
  expect(Object.keys(manifest.artifacts)).toContain('fairlead-shop-production');
  const cdk = resolve('node_modules/.bin/cdk');
  const env = { ...process.env, ...aws.env, NODE_OPTIONS: '', CI: 'true', CDK_DISABLE_VERSION_CHECK: '1' };
  const { stdout } = await run(cdk, ['diff', '--app', output, '--method', 'template', 'fairlead-shop-production'], {
    env,
  });
  expect(stdout).not.toMatch(/\[[-+~]\]/);
}, 120_000);

test('rollback goes back and holds, resume lets pass again', async () => {
  const before = (await document(['status'])).environments.find(
    ({ environment }: { environment: { name: string } }) => environment.name === 'production',
  ).release;
  const source = join(shop, 'orders/orders.ts');
  const text = await readFile(source, 'utf8');
  await writeFile(source, text.replace('there is no product', 'nobody sells'));
  const { release } = await document(['promote']);
  expect(release).not.toBe(before);
  expect(await document(['rollback', '--dry-run'])).toMatchObject({ release: before });
  expect(await document(['rollback', '--reason', 'it was rude'])).toMatchObject({ release: before });
  expect((await command(['promote'])).code).toBe(3);
  await printed(['resume']);
}, 300_000);

test('cleanup, destroy and the foundations: nothing is left', async () => {
  await printed(['cleanup', '--pr', '1']);
  expect((await document(['list'])).environments).toHaveLength(1);
  expect((await command(['destroy', '--env', 'production'])).stderr).toMatch(/FL5011/);
  const early = await command(['destroy', '--foundation', 'production', '--yes']);
  expect(early.stderr).toMatch(/FL7210/);
  await printed(['destroy', '--env', 'production', '--yes']);
  await printed(['destroy', '--foundation', 'production', '--yes']);
  await printed(['destroy', '--foundation', 'preview', '--yes']);
  expect((await document(['list'])).environments).toEqual([]);
}, 300_000);

test('credentials of another account are refused', async () => {
  await writeFile(
    join(shop, 'fairlead.json'),
    JSON.stringify({ target: 'aws', build: { base: 'scratch' }, aws: { account: '999999999999' } }),
  );
  expect((await command(['list'])).stderr).toMatch(/FL7108: the credentials are of the account 123456789012/);
}, 60_000);
