import { AwsError, type Call, type Properties, type ResourceContext, type Service, type World } from '../../model.ts';
import { uuid } from '../../random.ts';
import type { Ec2 } from '../ec2/ec2.ts';
import { actions, arn, generatedName, type Keeper, type Kept, keeper, tagList } from '../keeper.ts';
import { latencies } from '../latencies.ts';
import { engineVersions, instanceClasses } from './offers.ts';
import { type DatabaseServer, serveDatabase } from './server.ts';

/** Amazon RDS for PostgreSQL. */
export interface Rds extends Service {
  /** What stands behind a DB instance. */
  serverOf(identifier: string): DatabaseServer | undefined;
  snapshots: ReadonlyMap<string, Snapshot>;
}

export interface Snapshot {
  id: string;
  account: string;
  region: string;
  instance: string;
  at: number;
  tags: Record<string, string>;
}

export function createRds(world: World): Rds {
  const servers = new Map<string, DatabaseServer>();
  const interfaces = new Map<string, string>();
  const snapshots = new Map<string, Snapshot>();
  /** ARNs of the secrets that RDS made, by instance. */
  const masterSecrets = new Map<string, string>();
  const secrets = () => world.service('secretsmanager').operations;

  const subnetGroups = keeper({
    id: (properties, context) => (properties.DBSubnetGroupName ?? generatedName(context, world.random)).toLowerCase(),
    check({ SubnetIds }) {
      const zones = (SubnetIds as string[]).map((one) => world.service<Ec2>('ec2').zoneOf(one));
      if (zones.includes(undefined))
        throw new AwsError('InvalidSubnet', `The subnet ID '${SubnetIds[zones.indexOf(undefined)]}' does not exist`);
      // User Guide, "Working with DB subnet groups": "at least two Availability Zones".
      if (new Set(zones).size < 2)
        throw new AwsError(
          'DBSubnetGroupDoesNotCoverEnoughAZs',
          "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: 1. Add subnets to cover at least 2 AZs.",
        );
    },
    remove({ id }) {
      if ([...instances.all.values()].some((one) => one.properties.DBSubnetGroupName?.toLowerCase() === id))
        throw new AwsError(
          'InvalidDBSubnetGroupStateFault',
          `Cannot delete the subnet group '${id}' because at least one database instance is still using it.`,
        );
    },
    latency: latencies.small,
    wishes: wishes('DBSubnetGroup', 'subgrp', (properties) => properties.DBSubnetGroupName),
  });

  const parameterGroups: Keeper = keeper({
    id: (properties, context) =>
      (properties.DBParameterGroupName ?? generatedName(context, world.random)).toLowerCase(),
    attributes: ({ id }, context) => ({
      DBParameterGroupName: id,
      DBParameterGroupArn: arn('rds', context, `pg:${id}`),
    }),
    check({ Family }) {
      if (!engineVersions.some((version) => familyOf(version) === Family))
        throw new AwsError(
          'InvalidParameterValue',
          `ParameterGroupFamily ${Family} is not a valid parameter group family`,
        );
    },
    remove({ id }) {
      if ([...instances.all.values()].some((one) => one.properties.DBParameterGroupName?.toLowerCase() === id))
        throw new AwsError(
          'InvalidDBParameterGroupState',
          `One or more database instances are still members of this parameter group ${id}, so the group cannot be deleted`,
        );
    },
    latency: latencies.small,
    wishes: wishes('DBParameterGroup', 'pg', (properties) => properties.DBParameterGroupName),
  });

  const instances: Keeper = keeper({
    id: (properties, context) =>
      (properties.DBInstanceIdentifier ?? generatedName(context, world.random, 63)).toLowerCase(),
    check: (properties, context, id) => refuse(properties, context, id),
    async made(kept, context) {
      const { properties, id } = kept;
      const master = {
        username: properties.MasterUsername,
        password: properties.MasterUserPassword ?? world.random.text(28),
      };
      if (properties.ManageMasterUserPassword) await keepSecret(kept, master, context);
      const forceTls = () =>
        parameterGroups.all.get(properties.DBParameterGroupName)?.properties.Parameters?.['rds.force_ssl'] !== '0';
      servers.set(id, await serveDatabase(master, properties.DBName, forceTls));
      const [subnetId] = subnetGroups.all.get(properties.DBSubnetGroupName?.toLowerCase())?.properties.SubnetIds ?? [];
      if (!subnetId) return;
      const plugged = world.service<Ec2>('ec2').interfaces.plug(context, {
        subnetId,
        securityGroups: properties.VPCSecurityGroups ?? [],
        description: 'RDSNetworkInterface',
        requester: 'amazon-rds',
      });
      interfaces.set(id, plugged.id);
    },
    async changed({ id, properties }, previous) {
      const { MasterUserPassword } = properties;
      if (MasterUserPassword && MasterUserPassword !== previous.MasterUserPassword)
        await servers.get(id)?.setPassword(MasterUserPassword);
    },
    attributes: (kept, context) => ({
      DBInstanceArn: arn('rds', context, `db:${kept.id}`),
      DbiResourceId: `db-${kept.id.toUpperCase()}`,
      'Endpoint.Address': servers.get(kept.id)?.host,
      'Endpoint.Port': String(servers.get(kept.id)?.port),
      'Endpoint.HostedZoneId': 'Z1RLNUO7B9Q6NB',
      ...(masterSecrets.has(kept.id) && { 'MasterUserSecret.SecretArn': masterSecrets.get(kept.id) }),
    }),
    remove: (kept, context) => remove(kept, context.snapshot && snapshotName(context), context),
    latency: latencies.database,
    wishes: wishes('DBInstance', 'db', (properties) => properties.DBInstanceIdentifier),
  });

  const snapshotName = (context: ResourceContext) =>
    generatedName(context, world.random, 240)
      .toLowerCase()
      .replace(/-([^-]+)$/, '-snapshot-$1');

  function refuse(properties: Properties, context: Call, id: string | undefined): void {
    const bad = (message: string) => new AwsError('InvalidParameterValue', message);
    const {
      DBInstanceIdentifier: name,
      Engine,
      EngineVersion,
      MasterUsername,
      MasterUserPassword,
      ManageMasterUserPassword,
      DBInstanceClass,
      AllocatedStorage,
      AllowMajorVersionUpgrade,
    } = properties;
    if (name && !/^[a-zA-Z](?:-?[a-zA-Z0-9]){0,62}$/.test(name))
      throw bad(
        'The parameter DBInstanceIdentifier is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens.',
      );
    if (name && !id && instances.of(context).some((one) => one.id === name.toLowerCase()))
      throw new AwsError('DBInstanceAlreadyExists', 'DB instance already exists');
    if (Engine !== 'postgres') throw bad(`Invalid DB engine: ${Engine}`);
    if (EngineVersion && !engineVersions.some((one) => one === EngineVersion || one.startsWith(`${EngineVersion}.`)))
      throw new AwsError('InvalidParameterCombination', `Cannot find version ${EngineVersion} for postgres`);
    // API Reference, "ModifyDBInstance", AllowMajorVersionUpgrade; "Upgrades of the RDS for PostgreSQL DB engine": never down.
    const [major, now] = [EngineVersion, id && instances.all.get(id)?.properties.EngineVersion].map((one) =>
      Number.parseInt(String(one ?? Number.NaN), 10),
    ) as [number, number];
    if (major < now)
      throw new AwsError('InvalidParameterCombination', `Cannot upgrade postgres from ${now} to ${major}`);
    if (major > now && String(AllowMajorVersionUpgrade) !== 'true')
      throw new AwsError(
        'InvalidParameterCombination',
        'The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version.',
      );
    if (!instanceClasses.includes(DBInstanceClass)) throw bad(`Invalid DB Instance class: ${DBInstanceClass}`);
    if (!MasterUsername) throw bad('The parameter MasterUsername must be provided and must not be blank.');
    // User Guide, "Settings for DB instances": reserved words of the engine.
    if (['admin', 'rdsadmin', 'postgresql', 'public', 'user'].includes(MasterUsername.toLowerCase()))
      throw bad(`MasterUsername ${MasterUsername} cannot be used as it is a reserved word used by the engine`);
    if (!ManageMasterUserPassword && !/^[!#-.0-?A-~]{8,128}$/.test(MasterUserPassword ?? ''))
      throw bad(
        "The parameter MasterUserPassword is not a valid password. Only printable ASCII characters besides '/', '@', '\"', ' ' may be used.",
      );
    if (Number(AllocatedStorage) < 20)
      throw bad(`Invalid storage size for engine name postgres and storage type gp3: ${AllocatedStorage}`);
    const before = Number((id && instances.all.get(id)?.properties.AllocatedStorage) ?? 0);
    if (Number(AllocatedStorage) < before)
      throw new AwsError(
        'InvalidParameterCombination',
        `Requested storage size (${AllocatedStorage}) cannot be less than the current storage size (${before}).`,
      );
  }

  /** User Guide, "Password management with Amazon RDS and AWS Secrets Manager": a secret `rds!db-…` with `username` and `password`. */
  async function keepSecret(
    kept: Kept,
    { username, password }: { username: string; password: string },
    call: Call,
  ): Promise<void> {
    const made = (await secrets().CreateSecret?.(
      {
        Name: `rds!db-${uuid(world.random)}`,
        SecretString: JSON.stringify({ username, password }),
        Tags: tagList({ ...kept.tags, 'aws:rds:primaryDBInstanceArn': arn('rds', call, `db:${kept.id}`) }),
      },
      call,
    )) as { ARN: string };
    masterSecrets.set(kept.id, made.ARN);
  }

  async function remove(kept: Kept, snapshot: string | false | undefined, call: Call): Promise<void> {
    const { id, properties, account, region, tags } = kept;
    if (String(properties.DeletionProtection) === 'true')
      throw new AwsError(
        'InvalidParameterCombination',
        'Cannot delete protected DB Instance, please disable deletion protection and try again.',
      );
    if (snapshot) {
      // "Quotas in Amazon RDS": 100 manual snapshots of a region.
      if ([...snapshots.values()].filter((one) => one.account === account && one.region === region).length >= 100)
        throw new AwsError('SnapshotQuotaExceeded', 'Cannot create more than 100 manual snapshots');
      // User Guide, "Copying tags to DB snapshots": only where that is set, and none of AWS's own.
      const copied = Object.entries(tags).filter(([key]) => properties.CopyTagsToSnapshot && !key.startsWith('aws:'));
      const at = world.clock.now();
      snapshots.set(snapshot, { id: snapshot, account, region, instance: id, at, tags: Object.fromEntries(copied) });
    }
    await servers.get(id)?.stop();
    servers.delete(id);
    const secret = masterSecrets.get(id);
    if (secret) await secrets().DeleteSecret?.({ SecretId: secret, ForceDeleteWithoutRecovery: true }, call);
    masterSecrets.delete(id);
    const plugged = interfaces.get(id);
    if (plugged) void world.service<Ec2>('ec2').interfaces.unplug(plugged);
    interfaces.delete(id);
  }

  function instanceAt(identifier: string): Kept {
    const found = instances.all.get(identifier.toLowerCase());
    if (!found) throw new AwsError('DBInstanceNotFound', `DBInstance ${identifier} not found.`, 404);
    return found;
  }

  const view = ({ id, properties, attributes, tags }: Kept) => ({
    DBInstanceIdentifier: id,
    DBInstanceClass: properties.DBInstanceClass,
    Engine: 'postgres',
    EngineVersion: fullVersion(properties.EngineVersion),
    DBInstanceStatus: 'available',
    MasterUsername: properties.MasterUsername,
    Endpoint: { Address: attributes['Endpoint.Address'], Port: Number(attributes['Endpoint.Port']) },
    AllocatedStorage: Number(properties.AllocatedStorage),
    MultiAZ: String(properties.MultiAZ) === 'true',
    BackupRetentionPeriod: Number(properties.BackupRetentionPeriod ?? 1),
    DeletionProtection: String(properties.DeletionProtection) === 'true',
    StorageEncrypted: String(properties.StorageEncrypted) === 'true',
    DBInstanceArn: attributes.DBInstanceArn,
    ...(masterSecrets.has(id) && { MasterUserSecret: { SecretArn: masterSecrets.get(id), SecretStatus: 'active' } }),
    TagList: tagList(tags),
  });

  return {
    id: 'rds',
    serverOf: (identifier) => servers.get(identifier.toLowerCase()),
    snapshots,
    authorize(operation, input: { DBInstanceIdentifier?: string; DBSnapshotIdentifier?: string }, call) {
      const { DBInstanceIdentifier: db, DBSnapshotIdentifier: snapshot } = input;
      const resource = snapshot ? arn('rds', call, `snapshot:${snapshot}`) : db ? arn('rds', call, `db:${db}`) : '*';
      return [{ action: `rds:${operation}`, resource }];
    },
    *tagged() {
      for (const { attributes, tags } of instances.all.values()) yield { arn: String(attributes.DBInstanceArn), tags };
      for (const one of snapshots.values()) yield { arn: arn('rds', one, `snapshot:${one.id}`), tags: one.tags };
      for (const one of subnetGroups.all.values()) yield { arn: arn('rds', one, `subgrp:${one.id}`), tags: one.tags };
      for (const one of parameterGroups.all.values()) yield { arn: arn('rds', one, `pg:${one.id}`), tags: one.tags };
    },
    resources: {
      'AWS::RDS::DBInstance': withoutPassword(instances.provider),
      'AWS::RDS::DBSubnetGroup': subnetGroups.provider,
      'AWS::RDS::DBParameterGroup': parameterGroups.provider,
    },
    operations: {
      DescribeDBInstances({ DBInstanceIdentifier }: { DBInstanceIdentifier?: string }, call) {
        const found = DBInstanceIdentifier ? [instanceAt(DBInstanceIdentifier)] : instances.of(call);
        return { DBInstances: found.map(view) };
      },
      ModifyDBInstance({ DBInstanceIdentifier, ApplyImmediately: _now, ...changes }: Properties) {
        const found = instanceAt(DBInstanceIdentifier);
        Object.assign(found.properties, changes);
        return { DBInstance: view(found) };
      },
      async DeleteDBInstance(
        input: { DBInstanceIdentifier: string; SkipFinalSnapshot?: boolean; FinalDBSnapshotIdentifier?: string },
        call,
      ) {
        const found = instanceAt(input.DBInstanceIdentifier);
        const { SkipFinalSnapshot: skip, FinalDBSnapshotIdentifier: snapshot } = input;
        if (!skip && !snapshot)
          throw new AwsError(
            'InvalidParameterCombination',
            'FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.',
          );
        await remove(found, snapshot, call);
        instances.all.delete(found.id);
        return { DBInstance: { ...view(found), DBInstanceStatus: 'deleting' } };
      },
      DescribeDBSnapshots: ({ DBInstanceIdentifier }: { DBInstanceIdentifier?: string }, call) => ({
        DBSnapshots: [...snapshots.values()]
          .filter((one) => one.account === call.account && one.region === call.region)
          .filter(({ instance }) => !DBInstanceIdentifier || instance === DBInstanceIdentifier)
          .map(({ id, instance, at, tags }) => ({
            DBSnapshotIdentifier: id,
            DBInstanceIdentifier: instance,
            SnapshotCreateTime: new Date(at),
            Status: 'available',
            SnapshotType: 'manual',
            Engine: 'postgres',
            TagList: tagList(tags),
          })),
      }),
      DeleteDBSnapshot({ DBSnapshotIdentifier }: { DBSnapshotIdentifier: string }) {
        if (!snapshots.delete(DBSnapshotIdentifier))
          throw new AwsError('DBSnapshotNotFound', `DBSnapshot ${DBSnapshotIdentifier} not found.`, 404);
        return {};
      },
      DescribeDBEngineVersions: ({
        Engine,
        EngineVersion,
        DefaultOnly,
      }: {
        Engine?: string;
        EngineVersion?: string;
        DefaultOnly?: boolean;
      }) => ({
        DBEngineVersions: engineVersions
          .filter(
            (version) =>
              (!Engine || Engine === 'postgres') &&
              (!EngineVersion || version === EngineVersion || version.startsWith(`${EngineVersion}.`)),
          )
          .slice(DefaultOnly ? -1 : 0)
          .map((version) => ({
            Engine: 'postgres',
            EngineVersion: version,
            MajorEngineVersion: version.split('.')[0],
            DBParameterGroupFamily: familyOf(version),
            DBEngineDescription: 'PostgreSQL',
            Status: 'available',
          })),
      }),
      DescribeOrderableDBInstanceOptions: (
        {
          Engine,
          EngineVersion,
          DBInstanceClass,
        }: { Engine: string; EngineVersion?: string; DBInstanceClass?: string },
        call,
      ) => ({
        OrderableDBInstanceOptions: (Engine === 'postgres' ? instanceClasses : [])
          .filter((one) => !DBInstanceClass || one === DBInstanceClass)
          .map((one) => ({
            Engine,
            EngineVersion: fullVersion(EngineVersion),
            DBInstanceClass: one,
            MultiAZCapable: true,
            StorageType: 'gp3',
            MinStorageSize: 20,
            AvailabilityZones: ['a', 'b', 'c'].map((letter) => ({ Name: `${call.region}${letter}` })),
            Vpc: true,
          })),
      }),
      ListTagsForResource: ({ ResourceName }: { ResourceName: string }) => ({
        TagList: tagList(
          [...instances.all.values()].find(({ attributes }) => attributes.DBInstanceArn === ResourceName)?.tags ?? {},
        ),
      }),
    },
    async dispose() {
      await Promise.all([...servers.values()].map((server) => server.stop()));
    },
  };
}

/** CloudFormation cannot read passwords back. */
function withoutPassword(provider: Keeper['provider']): Keeper['provider'] {
  return {
    ...provider,
    async read(id, context) {
      const { MasterUserPassword: _password, ...rest } = (await provider.read(id, context)) ?? {};
      return Object.keys(rest).length > 0 ? rest : undefined;
    },
  };
}

const familyOf = (version: string) => `postgres${version.split('.')[0]}`;

const fullVersion = (version?: string): string =>
  engineVersions.findLast((one) => !version || one === version || one.startsWith(`${version}.`)) ?? String(version);

function wishes(noun: string, kind: string, name: (properties: Properties) => string | undefined) {
  return actions(
    {
      create: [`rds:Create${noun}`, 'rds:AddTagsToResource', `rds:Describe${noun}s`],
      update: [`rds:Modify${noun}`, 'rds:AddTagsToResource', `rds:Describe${noun}s`],
      delete: [`rds:Delete${noun}`, `rds:Describe${noun}s`],
    },
    (properties, context, id) =>
      arn('rds', context, `${kind}:${(id ?? name(properties) ?? `${context.stack.name}-*`).toLowerCase()}`),
  );
}
