import { AwsError, type Properties, type ResourceContext, type Service, type World } from '../../model.ts';
import type { Ec2 } from '../ec2/ec2.ts';
import { actions, arn, generatedName, type Keeper, type Kept, keeper } from '../keeper.ts';
import { latencies } from '../latencies.ts';
import { type CacheServer, type CacheUser, serveCache } from './redis.ts';

/** Amazon ElastiCache for Valkey and Redis OSS: replication groups, with users. */
export function createElastiCache(world: World): Service {
  const servers = new Map<string, CacheServer>();
  const interfaces = new Map<string, string>();

  /** API Reference, `CreateUser`: passwords of 16 to 128 characters, at most two. */
  const users: Keeper = keeper({
    id: ({ UserId }) => UserId,
    check({ UserId, AuthenticationMode, Passwords, AccessString, NoPasswordRequired }, _context, id) {
      if (!id && users.all.has(UserId)) throw new AwsError('UserAlreadyExists', `User ${UserId} already exists.`);
      const passwords: string[] = AuthenticationMode?.Passwords ?? Passwords ?? [];
      const open = AuthenticationMode?.Type === 'no-password-required' || String(NoPasswordRequired) === 'true';
      if (
        !open &&
        (passwords.length === 0 || passwords.length > 2 || passwords.some((one) => one.length < 16 || one.length > 128))
      )
        throw new AwsError('InvalidParameterValue', 'Passwords length must be between 16-128 characters.');
      if (!AccessString) throw new AwsError('InvalidParameterValue', 'AccessString is required.');
    },
    attributes: ({ id }, context) => ({ Status: 'active', Arn: arn('elasticache', context, `user:${id}`) }),
    changed: () => spread(),
    remove({ id }) {
      if ([...userGroups.all.values()].some(({ properties }) => properties.UserIds?.includes(id)))
        throw new AwsError('InvalidUserState', `User ${id} is in use by a user group.`);
    },
    latency: latencies.small,
    wishes: wishes('User', 'user', ({ UserId }) => UserId),
  });

  const userGroups: Keeper = keeper({
    id: ({ UserGroupId }) => UserGroupId,
    check({ UserIds = [], UserGroupId }, _context, id) {
      if (!id && userGroups.all.has(UserGroupId))
        throw new AwsError('UserGroupAlreadyExists', `User Group ${UserGroupId} already exists.`);
      const missing = UserIds.find((one: string) => !users.all.has(one));
      if (missing) throw new AwsError('UserNotFound', `User ${missing} not found.`);
      // "Role-based access control": a group has exactly one user whose name is `default`.
      const names = UserIds.map((one: string) => users.all.get(one)?.properties.UserName);
      if (new Set(names).size !== names.length)
        throw new AwsError('DuplicateUserName', 'User names in a user group must be unique.');
      if (!names.includes('default'))
        throw new AwsError(
          'DefaultUserRequired',
          'A user with the user name default must be present in the user group.',
        );
    },
    attributes: ({ id }, context) => ({ Status: 'active', Arn: arn('elasticache', context, `usergroup:${id}`) }),
    changed: () => spread(),
    remove({ id }) {
      if ([...groups.all.values()].some(({ properties }) => properties.UserGroupIds?.includes(id)))
        throw new AwsError('InvalidUserGroupState', `User group ${id} is in use by a replication group.`);
    },
    latency: latencies.small,
    wishes: wishes('UserGroup', 'usergroup', ({ UserGroupId }) => UserGroupId),
  });

  const subnetGroups = keeper({
    id: ({ CacheSubnetGroupName }, context) =>
      (CacheSubnetGroupName ?? generatedName(context, world.random)).toLowerCase(),
    check({ SubnetIds = [] }) {
      const missing = SubnetIds.find((one: string) => world.service<Ec2>('ec2').zoneOf(one) === undefined);
      if (missing) throw new AwsError('InvalidSubnet', `The subnet ID '${missing}' does not exist`);
    },
    remove({ id }) {
      if ([...groups.all.values()].some(({ properties }) => properties.CacheSubnetGroupName?.toLowerCase() === id))
        throw new AwsError('CacheSubnetGroupInUse', `Cache subnet group ${id} is currently in use by a cache cluster.`);
    },
    latency: latencies.small,
    wishes: wishes('CacheSubnetGroup', 'subnetgroup', ({ CacheSubnetGroupName }) => CacheSubnetGroupName),
  });

  const parameterGroups = keeper({
    id: (_properties, context) => generatedName(context, world.random).toLowerCase(),
    attributes: ({ id }) => ({ CacheParameterGroupName: id }),
    check({ CacheParameterGroupFamily }) {
      if (!['redis6.x', 'redis7', 'valkey7', 'valkey8'].includes(CacheParameterGroupFamily))
        throw new AwsError(
          'InvalidParameterValue',
          `CacheParameterGroupFamily ${CacheParameterGroupFamily} is not a valid parameter group family.`,
        );
    },
    latency: latencies.small,
    wishes: wishes('CacheParameterGroup', 'parametergroup', () => undefined),
  });

  const groups: Keeper = keeper({
    id: ({ ReplicationGroupId }, context) =>
      (ReplicationGroupId ?? generatedName(context, world.random, 40)).toLowerCase(),
    check(properties, _context, id) {
      const {
        ReplicationGroupId: name,
        Engine,
        NumCacheClusters = 1,
        AutomaticFailoverEnabled,
        UserGroupIds = [],
        TransitEncryptionEnabled,
      } = properties;
      const bad = (message: string) => new AwsError('InvalidParameterValue', message);
      if (name && !/^[a-zA-Z](?:-?[a-zA-Z0-9]){0,39}$/.test(name))
        throw bad(
          `The parameter ReplicationGroupIdentifier is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens.`,
        );
      if (name && !id && groups.all.has(name.toLowerCase()))
        throw new AwsError('ReplicationGroupAlreadyExists', `Replication group ${name} already exists.`);
      if (!['redis', 'valkey'].includes(Engine)) throw bad(`Invalid engine: ${Engine}`);
      if (String(AutomaticFailoverEnabled) === 'true' && Number(NumCacheClusters) < 2)
        throw bad('Automatic failover is not supported for a replication group with a single node.');
      if (UserGroupIds.length > 0 && String(TransitEncryptionEnabled) !== 'true')
        throw bad(
          'User group based access control requires encryption-in-transit to be enabled on the replication group.',
        );
      const missing = UserGroupIds.find((one: string) => !userGroups.all.has(one));
      if (missing) throw new AwsError('UserGroupNotFound', `User group ${missing} not found.`);
    },
    attributes({ id }, context) {
      const { host, port } = servers.get(id) ?? {};
      return {
        ReplicationGroupId: id,
        Arn: arn('elasticache', context, `replicationgroup:${id}`),
        'PrimaryEndPoint.Address': host,
        'PrimaryEndPoint.Port': String(port),
        'ConfigurationEndPoint.Address': host,
        'ConfigurationEndPoint.Port': String(port),
        'ReaderEndPoint.Address': host,
        'ReaderEndPoint.Port': String(port),
      };
    },
    async made(kept, context) {
      servers.set(
        kept.id,
        await serveCache(String(kept.properties.TransitEncryptionEnabled) === 'true', usersOf(kept)),
      );
      plug(kept, context);
    },
    changed: () => spread(),
    async remove({ id }) {
      await servers.get(id)?.stop();
      servers.delete(id);
      const plugged = interfaces.get(id);
      if (plugged) void world.service<Ec2>('ec2').interfaces.unplug(plugged);
      interfaces.delete(id);
    },
    latency: latencies.cache,
    wishes: wishes('ReplicationGroup', 'replicationgroup', ({ ReplicationGroupId }) => ReplicationGroupId),
  });

  function plug({ id, properties }: Kept, context: ResourceContext): void {
    const [subnetId] = subnetGroups.all.get(properties.CacheSubnetGroupName?.toLowerCase())?.properties.SubnetIds ?? [];
    if (!subnetId) return;
    const securityGroups = properties.SecurityGroupIds ?? [];
    const request = { subnetId, securityGroups, description: `ElastiCache ${id}`, requester: 'amazon-elasticache' };
    interfaces.set(id, world.service<Ec2>('ec2').interfaces.plug(context, request).id);
  }

  function usersOf({ properties }: Kept): CacheUser[] {
    const ids: string[] = (properties.UserGroupIds ?? []).flatMap(
      (one: string) => userGroups.all.get(one)?.properties.UserIds ?? [],
    );
    // Without groups of users, everybody is the one user that there is.
    if (ids.length === 0)
      return [
        { name: 'default', access: 'on ~* &* +@all', passwords: properties.AuthToken ? [properties.AuthToken] : [] },
      ];
    return ids.flatMap((id) => {
      const {
        UserName: name,
        AccessString: access,
        AuthenticationMode,
        Passwords,
      } = users.all.get(id)?.properties ?? {};
      return name ? [{ name, access, passwords: AuthenticationMode?.Passwords ?? Passwords ?? [] }] : [];
    });
  }

  async function spread(): Promise<void> {
    await Promise.all([...groups.all.values()].map((kept) => servers.get(kept.id)?.setUsers(usersOf(kept))));
  }

  return {
    id: 'elasticache',
    *tagged() {
      const kinds: [Keeper, string][] = [
        [groups, 'replicationgroup'],
        [users, 'user'],
        [userGroups, 'usergroup'],
        [subnetGroups, 'subnetgroup'],
        [parameterGroups, 'parametergroup'],
      ];
      for (const [keep, kind] of kinds)
        for (const one of keep.all.values())
          yield { arn: arn('elasticache', one, `${kind}:${one.id}`), tags: one.tags };
    },
    resources: {
      'AWS::ElastiCache::ReplicationGroup': groups.provider,
      'AWS::ElastiCache::User': users.provider,
      'AWS::ElastiCache::UserGroup': userGroups.provider,
      'AWS::ElastiCache::SubnetGroup': subnetGroups.provider,
      'AWS::ElastiCache::ParameterGroup': parameterGroups.provider,
    },
    operations: {},
    async dispose() {
      await Promise.all([...servers.values()].map((server) => server.stop()));
    },
  };
}

function wishes(noun: string, kind: string, name: (properties: Properties) => string | undefined) {
  return actions(
    {
      create: [`elasticache:Create${noun}`, `elasticache:Describe${noun}s`, 'elasticache:AddTagsToResource'],
      update: [`elasticache:Modify${noun}`, `elasticache:Describe${noun}s`, 'elasticache:AddTagsToResource'],
      delete: [`elasticache:Delete${noun}`, `elasticache:Describe${noun}s`],
    },
    (properties, context, id) =>
      arn('elasticache', context, `${kind}:${(id ?? name(properties) ?? `${context.stack.name}-*`).toLowerCase()}`),
  );
}
