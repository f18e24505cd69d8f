import type { CfnReplicationGroup } from 'aws-cdk-lib/aws-elasticache';
import type { CfnSecret } from 'aws-cdk-lib/aws-secretsmanager';
import { type Draft, mean } from '../draft.ts';
import { core, elasticache, secretsmanager } from '../library.ts';
import type { FoundationInput } from '../model.ts';
import { logicalId, physicalName } from '../names.ts';
import { mostKeeping } from '../needs.ts';
import { cacheUserName } from './cache-user.ts';
import type { Network } from './network.ts';
import { cachePort, type SecurityGroups } from './security-groups.ts';

export interface CacheServer {
  group: CfnReplicationGroup;
  /** By the key that {@link FoundationFacts} has them under. */
  secrets: { key: string; secret: CfnSecret }[];
}

/** Commands that no application has a use for, but for the one by which clients see that the server is ready. */
const commands = '+@all -@admin -@dangerous +info';

/** The server that all caches share; undefined when there is none. */
export function cacheServer(
  draft: Draft,
  { class: type, needs, settings }: FoundationInput,
  { storageSubnets }: Network,
  groups: SecurityGroups,
): CacheServer | undefined {
  const { scope } = draft;
  const wanted = Object.entries(needs).flatMap(([key, { cache }]) => (cache ? [{ key, ...cache }] : []));
  if (wanted.length === 0) return undefined;
  const { foundation, cache } = settings;
  const users = [
    ...(type === 'preview' ? [{ key: 'shared', patterns: ['*'] }] : []),
    ...wanted.flatMap(({ key, users }) =>
      users.map(({ process, patterns }) => ({ key: `${key}/${process}`, patterns })),
    ),
  ].sort((a, b) => (a.key < b.key ? -1 : 1));
  const secret = (key: string, username: string) =>
    mean(
      draft,
      new secretsmanager.CfnSecret(scope, logicalId('CacheSecret', key), {
        name: physicalName('secret', foundation, type, 'cache', key),
        description: `Fairlead: signs in to the cache of ${foundation}, ${type}`,
        generateSecretString: {
          secretStringTemplate: JSON.stringify({ username }),
          generateStringKey: 'password',
          passwordLength: 48,
          excludePunctuation: true,
        },
      }),
      { subject: `password of ${key} for the cache` },
    );
  const user = (key: string, username: string, accessString: string, from: CfnSecret) =>
    mean(
      draft,
      new elasticache.CfnUser(scope, logicalId('CacheUser', key), {
        engine: 'valkey',
        userId: physicalName('cacheUser', foundation, type, key),
        userName: username,
        accessString,
        authenticationMode: {
          Type: 'password',
          Passwords: [core.Fn.join('', ['{{resolve:secretsmanager:', from.ref, ':SecretString:password}}'])],
        },
      }),
      { subject: `user ${key} of the cache` },
    );
  const made = users.map(({ key, patterns }) => {
    const name = cacheUserName(key);
    const kept = secret(key, name);
    const keys = patterns.map((pattern) => `~${pattern}`).join(' ');
    return { key, secret: kept, user: user(key, name, `on ${keys} resetchannels ${commands}`, kept) };
  });
  // Whoever does not say who they are is this one.
  const nobody = user('default', 'default', 'off resetchannels -@all', secret('default', 'default'));
  const userGroup = mean(
    draft,
    new elasticache.CfnUserGroup(scope, 'CacheUsers', {
      engine: 'valkey',
      userGroupId: physicalName('cacheUserGroup', foundation, type),
      userIds: [nobody, ...made.map((one) => one.user)].map((one) => one.ref),
    }),
    { subject: 'users of the cache' },
  );
  const subnets = mean(
    draft,
    new elasticache.CfnSubnetGroup(scope, 'CacheSubnets', {
      cacheSubnetGroupName: physicalName('subnetGroup', foundation, type, 'cache'),
      description: `Fairlead: cache of ${foundation}, ${type}`,
      subnetIds: storageSubnets,
    }),
    { subject: 'subnets of the cache' },
  );
  const parameters = mean(
    draft,
    new elasticache.CfnParameterGroup(scope, 'CacheParameters', {
      cacheParameterGroupFamily: 'valkey8',
      description: `Fairlead: cache of ${foundation}, ${type}`,
      properties: {
        'maxmemory-policy': mostKeeping(wanted.map(({ evictionPolicy }) => evictionPolicy)),
        'reserved-memory-percent': '10',
        activedefrag: 'yes',
      },
    }),
    { subject: 'settings of the cache' },
  );
  const group = mean(
    draft,
    new elasticache.CfnReplicationGroup(scope, 'Cache', {
      replicationGroupId: physicalName('cacheServer', foundation, type),
      replicationGroupDescription: `Fairlead: cache of ${foundation}, ${type}`,
      engine: 'valkey',
      engineVersion: '8.1',
      cacheNodeType: cache.nodeType,
      numCacheClusters: 1 + cache.replicas,
      automaticFailoverEnabled: cache.replicas > 0,
      multiAzEnabled: cache.replicas > 0,
      port: cachePort,
      atRestEncryptionEnabled: true,
      transitEncryptionEnabled: true,
      transitEncryptionMode: 'required',
      userGroupIds: [userGroup.ref],
      cacheSubnetGroupName: subnets.ref,
      cacheParameterGroupName: parameters.ref,
      securityGroupIds: [groups.cache],
      autoMinorVersionUpgrade: true,
      ...(type === 'production' && { snapshotRetentionLimit: 7 }),
    }),
    { subject: 'cache server', data: 'cache' },
  );
  const policy = type === 'preview' ? 'Delete' : 'Snapshot';
  group.addOverride('DeletionPolicy', policy);
  group.addOverride('UpdateReplacePolicy', policy);
  return { group, secrets: made.map(({ key, secret: kept }) => ({ key, secret: kept })) };
}
