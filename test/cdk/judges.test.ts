import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { synthesizeApp } from '../../cdk/app/mod.ts';
import { synthesizeFoundation } from '../../cdk/foundation/mod.ts';
import type { Template } from '../../cdk/model.ts';
import { pythonWith } from '../support/python.ts';
import { stories } from './support/stories.ts';

const templates: Record<string, Template> = Object.fromEntries(
  Object.entries(await stories()).flatMap(([name, { app, foundation }]) => [
    [`${name}-foundation`, synthesizeFoundation(foundation).template],
    [`${name}-app`, synthesizeApp(app).template],
  ]),
);

/** What a judge has to find: memory that Fargate does not have, and a property that nobody knows. */
function broken(): Template {
  const copy = structuredClone(templates['shop-preview-app']!);
  const task = Object.values(copy.Resources).find(({ Type }) => Type === 'AWS::ECS::TaskDefinition')!;
  Object.assign(task.Properties!, { Memory: '300', Colour: 'red' });
  return copy;
}

interface Finding {
  rule: string;
  template: string;
  resource: string;
  message: string;
}

/** What AwsSolutions of cdk-nag would have, and why it is not so. Every one has to be found, or it has no reason to be here. */
const accepted: [rule: RegExp, where: RegExp, why: string][] = [
  [
    /-AEC4$/,
    /^(everything)-(preview|staging)-foundation Cache$/,
    'a second server costs as much as the first; production has it',
  ],
  [
    /-AEC6$/,
    / Cache$/,
    'users of access control lists sign in, which is the stricter way; the rule only knows of the older one',
  ],
  [/-APIG1$/, / (Canary)?ApiStage$/, 'the application logs its requests itself, with what they did'],
  [/-CFR1$/, / BucketAddress/, 'what is public is public everywhere; where it is not, a user knows and we do not'],
  [
    /-CFR2$/,
    / BucketAddress/,
    'files without code behind them; a firewall costs more than most of what it would guard',
  ],
  [/-CFR3$/, / BucketAddress/, 'log files of public files cost storage, and hold addresses of people'],
  [
    /-CFR4$/,
    / BucketAddress/,
    "CloudFront's own certificate has no setting for it; browsers and CloudFront agree on TLS 1.2 or 1.3",
  ],
  [
    /-EC23$/,
    /^everything-production-foundation LoadBalancerAccess$/,
    'with a domain, port 443 of the load balancer is the way in',
  ],
  [/-ECS2$/, / (.*Task.*)$/, 'configuration without secrets is what they are for; secrets come by reference'],
  [/-ECS4$/, /-(preview|staging)-foundation Cluster$/, 'billed by metric; production has it'],
  [/-ELB2$/, / LoadBalancer$/, 'the application logs its requests itself'],
  [/-IAM5\[Resource::\*\]$/, / .*ExecutionRole/, 'ecr:GetAuthorizationToken has no narrower resource'],
  [/-IAM5\[Resource::\*\]$/, / CanaryRole$/, 'Describe* of Elastic Load Balancing has no narrower resource'],
  [
    /-IAM5\[Resource::<Bucket\w+\.Arn>\/\*\]$/,
    / TaskRole/,
    'all objects of one bucket, which is the environment’s alone',
  ],
  [/-RDS10$/, /-preview-foundation Database$/, 'what is in previews is meant to go'],
  [/-RDS11$/, / Database/, 'a secret port guards nothing: only tasks may connect'],
  [/-RDS3$/, /-(preview|staging)-foundation Database/, 'a second server costs as much as the first; production has it'],
  [
    /-S1$/,
    / Bucket/,
    'log files of accesses cost storage, refill a bucket while it is emptied, and are for a trail of one’s own',
  ],
  [
    /-SMG4$/,
    / (.*Secret.*|InternalKey)$/,
    'a new password needs new tasks, which a deployment gives them; nobody knows these texts',
  ],
  [/-SQS3$/, / CronQueue/, 'the next wake comes by itself, and what a run did is in the log'],
  [/-VPC7$/, / Network$/, 'billed by gigabyte for all traffic, of which nothing gets in but through the load balancer'],
];

describe('CDK', () => {
  const { judges, findings } = ask({ ...templates, broken: broken() });

  test('validates the templates, and finds nothing but what was broken on purpose', () => {
    expect(judges).toContain('CloudFormation Validate');
    const own = findings.filter(({ rule }) => !rule.startsWith('AwsSolutions'));
    expect(new Set(own.map(({ template }) => template))).toEqual(new Set(['broken']));
    expect(own.map(({ rule }) => rule).sort()).toEqual(['E3047', 'F3002']);
  });

  test('AwsSolutions of cdk-nag finds nothing that is not accepted for a reason', () => {
    const nagged = findings.filter(({ rule, template }) => rule.startsWith('AwsSolutions') && template !== 'broken');
    const left = nagged.filter(
      ({ rule, template, resource }) =>
        !accepted.some(([name, where]) => name.test(rule) && where.test(`${template} ${resource}`)),
    );
    expect(left).toEqual([]);
    const idle = accepted.filter(
      ([name, where]) =>
        !nagged.some(({ rule, template, resource }) => name.test(rule) && where.test(`${template} ${resource}`)),
    );
    expect(idle).toEqual([]);
  });
});

function ask(input: Record<string, Template>): { judges: string[]; findings: Finding[] } {
  const program = join(import.meta.dirname, 'support', 'judge.mjs');
  const run = spawnSync(process.execPath, [program], {
    input: JSON.stringify(input),
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
    maxBuffer: 64 * 1024 * 1024,
  });
  if (run.status !== 0) throw new Error(run.stderr);
  return JSON.parse(run.stdout);
}

const cfnLint = pythonWith('cfn-lint', '1.51.0');

(cfnLint ? test : test.skip)(
  'cfn-lint finds nothing but what was broken on purpose (needs cfn-lint)',
  () => {
    const place = mkdtempSync(join(tmpdir(), 'fairlead-lint-'));
    try {
      const all = { ...templates, broken: broken() };
      const files = Object.entries(all).map(([name, template]) => {
        const file = join(place, `${name}.json`);
        writeFileSync(file, JSON.stringify(template));
        return file;
      });
      const run = spawnSync(cfnLint!, ['-c', 'from cfnlint.runner import main; main()', '--format', 'json', ...files], {
        encoding: 'utf8',
        maxBuffer: 64 * 1024 * 1024,
      });
      const findings = JSON.parse(run.stdout) as {
        Rule: { Id: string };
        Message: string;
        Filename: string;
        Location: { Path: (string | number)[] };
      }[];
      // It has the schema of services from before there were hooks that pause. CDK's own validation has the present one.
      const ofPause = findings.filter(({ Location }) => Location.Path?.includes('LifecycleHooks'));
      expect(new Set(ofPause.map(({ Filename }) => Filename))).toEqual(
        new Set(['everything-production-app', 'shop-production-app'].map((name) => join(place, `${name}.json`))),
      );
      const left = findings
        .filter((finding) => !ofPause.includes(finding))
        .map(({ Rule, Message, Filename }) => ({
          rule: Rule.Id,
          message: Message,
          file: Filename.slice(place.length + 1),
        }));
      expect(left.filter(({ file }) => file !== 'broken.json')).toEqual([]);
      expect(left.map(({ rule }) => rule).sort()).toEqual(expect.arrayContaining(['E3002', 'E3047']));
    } finally {
      rmSync(place, { recursive: true, force: true });
    }
  },
  300_000,
);
