import { expect, test } from '@jest/globals';
import { awsSettings } from '../../cdk/settings.ts';
import type { AwsOverrides } from '../../pipeline/aws-config.ts';
import type { EnvironmentType } from '../../pipeline/mod.ts';

function settings(type: EnvironmentType, overrides: AwsOverrides = {}, aws = {}) {
  return awsSettings({ aws, overrides }, { application: 'shop', type });
}

test('a preview is small and cheap, and goes after a week', () => {
  expect(settings('preview')).toEqual({
    foundation: 'shop',
    databases: 'shared',
    database: {
      instanceClass: 'db.t4g.micro',
      multiAz: false,
      storage: 20,
      maxStorage: 200,
      backupDays: 1,
      deletionProtection: false,
      version: '18',
    },
    cache: { nodeType: 'cache.t4g.micro', replicas: 0 },
    natGateways: 0,
    spot: true,
    scaling: { min: 1, max: 1, cpu: 60 },
    cpu: 256,
    memory: 512,
    processes: {},
    canary: { percent: 10, minutes: 1 },
    logRetention: 7,
    alarms: [],
    expires: 7 * 86_400_000,
  });
});

test('production lasts', () => {
  expect(settings('production')).toMatchObject({
    database: { instanceClass: 'db.m5.large', multiAz: true, backupDays: 7, deletionProtection: true },
    cache: { nodeType: 'cache.m6g.large', replicas: 1 },
    natGateways: 2,
    spot: false,
    scaling: { min: 2, max: 10, cpu: 60 },
    logRetention: 90,
  });
  expect(settings('production')).not.toHaveProperty('expires');
  expect(settings('development')).toMatchObject({
    spot: false,
    natGateways: 0,
    database: { deletionProtection: true },
  });
});

test('a process has what is written for it, and else what its environment has', () => {
  const { processes } = settings('production', {
    cpu: 512,
    memory: 1024,
    scaling: { max: 4 },
    processes: { orders: { memory: 2048 }, media: { scaling: { min: 3 } } },
  });
  expect(processes).toEqual({
    orders: { cpu: 512, memory: 2048, scaling: { min: 2, max: 4, cpu: 60 } },
    media: { cpu: 512, memory: 1024, scaling: { min: 3, max: 4, cpu: 60 } },
  });
});

test('who wants more at least gets as many at most, and the other way round', () => {
  expect(settings('preview', { scaling: { min: 3 } }).scaling).toEqual({ min: 3, max: 3, cpu: 60 });
  expect(settings('production', { scaling: { max: 1 } }).scaling).toEqual({ min: 1, max: 1, cpu: 60 });
});

test.each<[string, AwsOverrides]>([
  ['Fargate has no task of 256 CPU units and 4096 MiB', { memory: 4096 }],
  ['Fargate has no task of 256 CPU units and 1536 MiB', { memory: 1536 }],
  ['Fargate has no task of 1024 CPU units and 2500 MiB', { cpu: 1024, memory: 2500 }],
  ['Fargate has no task of 300 CPU units and 512 MiB', { cpu: 300 }],
  ['Fargate has no task of orders with 4096 CPU units and 512 MiB', { processes: { orders: { cpu: 4096 } } }],
])('FL7001: %s', (message, overrides) => {
  expect(() => settings('preview', overrides)).toThrow(`FL7001: ${message}`);
});

test('FL7003: ends that do not fit', () => {
  expect(() => settings('preview', { scaling: { min: 3, max: 2 } })).toThrow('FL7003');
  expect(() => settings('preview', { database: { storage: 100, maxStorage: 50 } })).toThrow('FL7003');
});

test('FL7002: a domain has a zone', () => {
  expect(() => settings('preview', {}, { domain: 'shop.example' })).toThrow(/no zone of Route 53 for shop.example/);
  expect(settings('preview', {}, { domain: 'shop.example', hostedZone: 'Z2' }).domain).toEqual({
    name: 'shop.example',
    hostedZone: 'Z2',
  });
});
