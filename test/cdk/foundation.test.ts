import { expect, test } from '@jest/globals';
import { readFoundation } from '../../cdk/foundation/facts.ts';
import { canaryHostName, hostName } from '../../cdk/foundation/hosts.ts';
import { synthesizeFoundation } from '../../cdk/foundation/mod.ts';
import type { Needs, Stack } from '../../cdk/model.ts';
import { mostKeeping, needsKey, needsOf, readNeeds, withNeeds } from '../../cdk/needs.ts';
import { awsSettings } from '../../cdk/settings.ts';
import { account } from './support/input.ts';
import { stories } from './support/stories.ts';

const all = await stories();

/** What CloudFormation would answer: a text for everything that it puts in. */
function outputsOf({ template }: Stack): Record<string, string> {
  return Object.fromEntries(Object.entries(template.Outputs ?? {}).map(([key, { Value }]) => [key, resolved(Value)]));
}

// biome-ignore lint/suspicious/noExplicitAny: intrinsic functions of any kind.
function resolved(value: any): string {
  if (typeof value === 'string') return value;
  if ('Fn::Join' in value) return value['Fn::Join'][1].map(resolved).join(value['Fn::Join'][0]);
  if (JSON.stringify(value).includes('Port')) return '1234';
  return Object.values(value).flat().join('.');
}

test('what a stack puts out is what environments are told', () => {
  const facts = readFoundation(outputsOf(synthesizeFoundation(all['everything-production'].foundation)));
  expect(facts).toMatchObject({
    vpcId: 'Network',
    taskSubnets: ['TaskSubnetA', 'TaskSubnetB'],
    publicIp: false,
    clusterName: 'Cluster',
    listenerArn: 'Listener',
    namespaceId: 'Namespace',
  });
  expect(facts).not.toHaveProperty('vpcLinkId');
  expect(Object.keys(facts.servers)).toEqual(['everything/production/accounts', 'everything/production/billing']);
  expect(facts.servers['everything/production/accounts']).toMatchObject({
    port: 1234,
    secretArn: expect.stringMatching(/MasterUserSecret\.SecretArn$/),
  });
  expect(Object.keys(facts.cache!.secrets)).toEqual(['everything/production/accounts']);
  const preview = readFoundation(outputsOf(synthesizeFoundation(all['everything-preview'].foundation)));
  expect(preview).toMatchObject({ vpcLinkId: 'Link', publicIp: true, taskSubnets: ['PublicSubnetA', 'PublicSubnetB'] });
  expect(Object.keys(preview.servers)).toEqual(['shared']);
  expect(Object.keys(preview.cache!.secrets)).toEqual(['shared']);
  expect(() => readFoundation({})).toThrow('VpcId');
});

const base = {
  account,
  class: 'preview' as const,
  settings: awsSettings({ aws: {}, overrides: {} }, { application: 'shop', type: 'preview' }),
};
const none: Needs = { postgres: false, dedicated: [] };

test('there is a database server or a cache only while an environment needs one', () => {
  const types = (needs: Record<string, Needs>) =>
    Object.values(synthesizeFoundation({ ...base, needs }).template.Resources).map(({ Type }) => Type);
  expect(types({ a: none }).filter((type) => /RDS|ElastiCache|SecretsManager/.test(type))).toEqual([]);
  expect(types({ a: none, b: { ...none, postgres: true } })).toContain('AWS::RDS::DBInstance');
  expect(types({ a: { ...none, cache: { users: [], evictionPolicy: 'noeviction' } } })).toContain(
    'AWS::ElastiCache::ReplicationGroup',
  );
});

test('needs are kept in the template, in any order the same, and with something that updates', () => {
  const needs = { 'shop/preview': { ...none, postgres: true }, 'blog/preview': none };
  const stack = synthesizeFoundation({ ...base, needs });
  expect(readNeeds(stack.template)).toEqual(needs);
  expect(readNeeds(undefined)).toEqual({});
  const turned = Object.fromEntries(Object.entries(needs).reverse());
  expect(JSON.stringify(synthesizeFoundation({ ...base, needs: turned }))).toBe(JSON.stringify(stack));
  const more = synthesizeFoundation({ ...base, needs: { ...needs, 'wiki/preview': none } });
  const changed = Object.keys(more.template.Resources).filter(
    (id) => JSON.stringify(more.template.Resources[id]) !== JSON.stringify(stack.template.Resources[id]),
  );
  expect(changed).toEqual(['Cluster']);
});

test('all previews of an application need the same, unless they have servers of their own', () => {
  const { plan } = all['shop-preview'];
  expect(needsKey(plan, { databases: 'shared' })).toBe('shop/preview');
  expect(needsKey(plan, { databases: 'dedicated' })).toBe('shop/pr-1');
  expect(needsOf(plan, { databases: 'shared' })).toEqual({ postgres: true, dedicated: [] });
  expect(needsOf(plan, { databases: 'dedicated' })).toEqual({ postgres: false, dedicated: ['analytics', 'orders'] });
});

test('a preview takes nothing away from the others, and an environment that lives on what it needs no more', () => {
  const shared = { databases: 'shared' } as const;
  const cache: NonNullable<Needs['cache']> = { users: [], evictionPolicy: 'noeviction' };
  const there = { 'shop/preview': { ...none, cache }, 'shop/production': { ...none, cache }, 'blog/preview': none };
  const { 'shop/preview': preview, ...others } = withNeeds(there, all['shop-preview'].plan, shared);
  expect(preview).toEqual({ postgres: true, dedicated: [], cache });
  expect(others).toEqual({ 'shop/production': there['shop/production'], 'blog/preview': none });
  expect(withNeeds(there, all['shop-production'].plan, shared)['shop/production']).toEqual({
    postgres: true,
    dedicated: [],
  });
  expect(withNeeds({}, all['everything-preview'].plan, shared)['everything/preview']?.cache).toEqual({
    users: [],
    evictionPolicy: 'volatile-lru',
  });
});

test('a process may use the keys of its own keyspaces, in an environment that lasts', () => {
  expect(needsOf(all['everything-production'].plan, { databases: 'shared' }).cache).toEqual({
    evictionPolicy: 'volatile-lru',
    users: [{ process: 'accounts', patterns: ['everything/production/sessions/session/*'] }],
  });
  expect(needsOf(all['everything-preview'].plan, { databases: 'shared' }).cache?.users).toEqual([]);
  const { template } = synthesizeFoundation(all['everything-production'].foundation);
  const users = Object.values(template.Resources).filter(({ Type }) => Type === 'AWS::ElastiCache::User');
  expect(users.map(({ Properties }) => Properties!.AccessString)).toEqual([
    'on ~everything/production/sessions/session/* resetchannels +@all -@admin -@dangerous +info',
    'off resetchannels -@all',
  ]);
});

test('where environments differ, what keeps most is done', () => {
  expect(mostKeeping(['allkeys-lru', 'volatile-lru'])).toBe('volatile-lru');
  expect(mostKeeping(['allkeys-random', 'noeviction', 'volatile-ttl'])).toBe('noeviction');
});

test('a domain gives each class its certificate and its names', () => {
  const of = (story: keyof typeof all, type: 'preview' | 'development' | 'production') => {
    const { foundation } = all[story];
    const settings = { ...foundation.settings, domain: { name: 'shop.example', hostedZone: 'Z1' } };
    const { Resources } = synthesizeFoundation({ ...foundation, class: type, settings }).template;
    const own = (wanted: string) => Object.values(Resources).filter(({ Type }) => Type === wanted);
    return {
      certificate: own('AWS::CertificateManager::Certificate').map(({ Properties }) => Properties!.DomainName),
      records: own('AWS::Route53::RecordSet').map(({ Properties }) => Properties!.Name),
    };
  };
  expect(of('shop-preview', 'preview')).toEqual({ certificate: ['*.shop.example'], records: ['*.shop.example'] });
  expect(of('everything-staging', 'development')).toEqual({
    certificate: ['*.shop.example'],
    records: ['staging.shop.example'],
  });
  expect(of('shop-production', 'production')).toEqual({
    certificate: ['shop.example'],
    records: ['canary-production.shop.example', 'shop.example'],
  });
});

test('applications that share a Foundation have names of their own', () => {
  const guest = (application: string, environment: string) => ({ foundation: 'base', application, environment });
  const guests = [
    guest('shop', 'production'),
    guest('shop', 'pr-7'),
    guest('admin-shop', 'production'),
    guest('shop', 'admin'),
    guest('eu-shop', 'staging'),
    guest('shop', 'staging-eu'),
    guest('shop', 'qa'),
    guest('qa--shop', 'production'),
    guest('@team/shop', 'production'),
    guest('x'.repeat(100), 'pr-7'),
    { ...guest('base', 'production') },
  ];
  const names = guests.map((one) => hostName('shop.example', one));
  expect(names.slice(0, 2)).toEqual(['shop.shop.example', 'pr-7--shop.shop.example']);
  expect(names.at(-1)).toBe('shop.example');
  const all = [...names, ...guests.map((one) => canaryHostName('shop.example', one))];
  expect(new Set(all).size).toBe(all.length);
  for (const name of all) expect(name).toMatch(/^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)?shop\.example$/);
});
