import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { awsCli } from '../support/aws-cli.ts';
import { type FakeAws, makeFakeAws } from './aws/fake.ts';

const run = promisify(execFile);

let aws: FakeAws;
let folder: string;
beforeEach(async () => {
  aws = await makeFakeAws();
  folder = await mkdtemp(join(tmpdir(), 'fairlead-cloudformation-'));
});
afterEach(async () => {
  await aws.dispose();
  await rm(folder, { recursive: true });
});

const dashboards = (...ids: string[]) => ({
  Resources: Object.fromEntries(
    ids.map((id) => [id, { Type: 'AWS::CloudWatch::Dashboard', Properties: { DashboardBody: id } }]),
  ),
});

/** Runs it to its end. @returns what it said on both streams, and its exit code */
async function say(command: string, args: string[]): Promise<{ code: number; text: string }> {
  const env = {
    ...process.env,
    NODE_OPTIONS: '',
    CI: 'true',
    NO_COLOR: '1',
    CDK_DISABLE_VERSION_CHECK: '1',
    ...aws.env,
  };
  try {
    const { stdout, stderr } = await run(command, args, { env, cwd: folder });
    return { code: 0, text: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, text: `${stdout}${stderr}` };
  }
}

/** A cloud assembly, as the CDK's library writes one, of a stack that needs no bootstrap. */
async function assembly(template: object): Promise<string> {
  const environment = `aws://${aws.world.account}/${aws.world.region}`;
  const artifact = {
    type: 'aws:cloudformation:stack',
    environment,
    properties: { templateFile: 'shop.template.json', validateOnSynth: false },
    displayName: 'shop',
  };
  await writeFile(join(folder, 'shop.template.json'), JSON.stringify(template));
  await writeFile(join(folder, 'manifest.json'), JSON.stringify({ version: '48.0.0', artifacts: { shop: artifact } }));
  return folder;
}

describe('The command of the CDK', () => {
  const cdk = new URL('../../node_modules/aws-cdk/bin/cdk', import.meta.url).pathname;
  const call = async (verb: string, ...args: string[]) =>
    say(process.execPath, [cdk, '--no-notices', '--app', folder, verb, ...args]);

  test('deploys, compares and destroys', async () => {
    await assembly(dashboards('A'));
    const first = await call('deploy', '--method=change-set', '--require-approval', 'never', '--progress', 'events');
    expect(first.text).toContain('CREATE_COMPLETE');
    expect(first.code).toBe(0);
    await assembly(dashboards('A', 'B'));
    expect((await call('diff', '--method=change-set')).text).toMatch(/\[\+\] AWS::CloudWatch::Dashboard B/);
    const second = await call('deploy', '--method=change-set', '--require-approval', 'never', '--progress', 'events');
    expect(second.text).toContain('UPDATE_COMPLETE');
    const destroyed = await call('destroy', '--force');
    expect({ code: destroyed.code, text: destroyed.text }).toMatchObject({
      code: 0,
      text: expect.stringContaining('destroyed'),
    });
    expect(aws.world.journal.filter(({ operation }) => operation === 'DeleteStack')).toHaveLength(1);
  }, 300_000);
});

describe('The command of AWS', () => {
  (awsCli !== undefined || process.env.CI !== undefined ? test : test.skip)(
    'deploys a template, and says when nothing changes',
    async () => {
      await writeFile(join(folder, 'template.json'), JSON.stringify(dashboards('A')));
      const call = (verb: string, ...args: string[]) =>
        say(awsCli!, ['-m', 'awscli', 'cloudformation', verb, '--stack-name', 'shop', ...args]);
      const deploy = () => call('deploy', '--template-file', 'template.json');
      expect(await deploy()).toMatchObject({
        code: 0,
        text: expect.stringContaining('Successfully created/updated stack - shop'),
      });
      expect((await deploy()).text).toContain('No changes to deploy. Stack shop is up to date');
      const listed = await call('list-stack-resources', '--output', 'json');
      expect(JSON.parse(listed.text)).toMatchObject({
        StackResourceSummaries: [{ LogicalResourceId: 'A', ResourceStatus: 'CREATE_COMPLETE' }],
      });
    },
    120_000,
  );
});
