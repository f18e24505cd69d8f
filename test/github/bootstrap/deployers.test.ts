import { expect, test } from '@jest/globals';
import { deployersOf } from '../../../cli/deployers.ts';
import { sentText, type Template, trustTemplate } from '../../../github/bootstrap/aws/template.ts';
import { shop } from './support/claims.ts';

const needs = {
  databases: true,
  topics: true,
  buckets: true,
  publicBuckets: true,
  caches: true,
  cronJobs: true,
  sleep: true,
  domain: true,
};
/** Where CloudFormation fills in. */
const marked = '$'.concat('{AWS::');
const names = ['shop', 'blog', 'mail'];
const deployers = deployersOf(
  names.map((name) => ({ name, foundation: name === 'mail' ? 'shop' : name, needs })),
  ['production', 'staging'],
);
const input = { repository: shop, images: names.map((name) => `fairlead/${name}`), forks: true };
const template = trustTemplate({ ...input, deployers });

type Properties = Record<string, unknown> & { ManagedPolicyArns?: { Ref: string }[] };
const of = ({ Resources }: Template, type: string) =>
  Object.entries(Resources).filter(([, { Type }]) => Type === type) as [
    string,
    { Type: string; Properties: Properties },
  ][];

test('each role has the policies of its scope, and no other', () => {
  const attached = Object.fromEntries(
    of(template, 'AWS::IAM::Role').map(([id, { Properties }]) => [
      id,
      Properties.ManagedPolicyArns?.map(({ Ref }) => Ref),
    ]),
  );
  const ids = (kind: string, count: number) => Array.from({ length: count }, (_, index) => `${kind}Policy${index + 1}`);
  const [previews, lasting] = [ids('Previews', deployers.previews.length), ids('Lasting', deployers.lasting.length)];
  expect(attached).toEqual({ PreviewRole: previews, PreviewForkRole: previews, ProductionRole: lasting });
  for (const policies of [previews, lasting])
    for (const id of policies) expect([id, template.Resources[id]?.Type]).toEqual([id, 'AWS::IAM::ManagedPolicy']);
});

test('boundaries have the names that deployments look for, two for each Foundation', () => {
  const named = of(template, 'AWS::IAM::ManagedPolicy').map(([, { Properties }]) => Properties.ManagedPolicyName);
  expect(named.filter((name) => name !== undefined)).toEqual(
    ['previews', 'lasting'].flatMap((scope) => ['blog', 'shop'].map((name) => `fairlead-${name}-${scope}-boundary`)),
  );
});

test('all documents are within what IAM takes, with an account in them', () => {
  const text = (value: unknown) =>
    JSON.stringify(value, (_, one) => one?.['Fn::Sub'] ?? one)
      .replaceAll(/\$\{AWS::Partition\}/g, 'aws')
      .replaceAll(/\$\{AWS::AccountId\}/g, '123456789012');
  const policies = of(template, 'AWS::IAM::ManagedPolicy');
  expect(policies.length).toBeGreaterThan(10);
  for (const [id, { Properties }] of policies)
    expect([id, text(Properties.PolicyDocument).length <= 6_144]).toEqual([id, true]);
});

test('what is filled in is said to be', () => {
  const plain: string[] = [];
  const look = (value: unknown, key = ''): void => {
    if (typeof value === 'string' && value.includes(marked) && key !== 'Fn::Sub') plain.push(value);
    if (typeof value === 'object' && value !== null)
      for (const [name, inner] of Object.entries(value)) look(inner, Array.isArray(value) ? key : name);
  };
  look(template.Resources);
  expect(plain).toEqual([]);
  expect(JSON.stringify(template).split(marked).length).toBeGreaterThan(100);
});

test('of one application without a cache and a domain it fits into one request; a longer one goes by way of S3', () => {
  const plain = { ...needs, caches: false, domain: false };
  const one = deployersOf([{ name: 'shop', foundation: 'shop', needs: plain }], ['production']);
  const text = sentText(trustTemplate({ ...input, images: ['shop', 'fairlead/shop'], deployers: one }));
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(51_200);
});

test('without deployers the template is what it was', () => {
  const bare = trustTemplate(input);
  expect(of(bare, 'AWS::IAM::ManagedPolicy').map(([id]) => id)).toEqual(['Boundary']);
  expect(JSON.stringify(bare)).not.toContain('ManagedPolicyArns');
});
