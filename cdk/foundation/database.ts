import type { CfnDBInstance, CfnDBParameterGroup, CfnDBSubnetGroup } from 'aws-cdk-lib/aws-rds';
import { type Draft, mean } from '../draft.ts';
import { cloudwatch, cloudwatchLogs, rds } from '../library.ts';
import type { FoundationInput } from '../model.ts';
import { logicalId, physicalName } from '../names.ts';
import { hearers } from './hearers.ts';
import type { Network } from './network.ts';
import { databasePort, type SecurityGroups } from './security-groups.ts';

/** A server of PostgreSQL, by the key that {@link FoundationFacts} has it under. */
export interface DatabaseServer {
  key: string;
  instance: CfnDBInstance;
}

/** The authority whose certificates servers have, and processes trust. */
export const certificateAuthority = 'rds-ca-rsa2048-g1';

interface Own {
  network: Network;
  groups: SecurityGroups;
  alarmTopic?: string;
}

/** The server that databases share, and one for each that has its own. */
export function databaseServers(draft: Draft, input: FoundationInput, own: Own): DatabaseServer[] {
  const { class: type, needs, settings } = input;
  const keys = [
    ...(Object.values(needs).some(({ postgres }) => postgres) ? ['shared'] : []),
    ...Object.entries(needs).flatMap(([key, { dedicated }]) => dedicated.map((name) => `${key}/${name}`)),
  ].sort();
  if (keys.length === 0) return [];
  const { foundation, database } = settings;
  const subnetGroup = mean(
    draft,
    new rds.CfnDBSubnetGroup(draft.scope, 'DatabaseSubnets', {
      dbSubnetGroupName: physicalName('subnetGroup', foundation, type, 'database'),
      dbSubnetGroupDescription: `Fairlead: databases of ${foundation}, ${type}`,
      subnetIds: own.network.storageSubnets,
    }),
    { subject: 'subnets of databases' },
  );
  const parameters = mean(
    draft,
    new rds.CfnDBParameterGroup(draft.scope, logicalId('DatabaseParameters', database.version), {
      dbParameterGroupName: physicalName('parameterGroup', foundation, type, 'database', database.version),
      family: `postgres${database.version}`,
      description: `Fairlead: databases of ${foundation}, ${type}`,
      // Nobody connects without TLS.
      parameters: { 'rds.force_ssl': '1' },
    }),
    { subject: 'settings of PostgreSQL' },
  );
  return keys.map((key) => ({ key, instance: server(draft, input, own, key, subnetGroup, parameters) }));
}

function server(
  draft: Draft,
  { class: type, settings }: FoundationInput,
  { groups, alarmTopic }: Own,
  key: string,
  subnetGroup: CfnDBSubnetGroup,
  parameters: CfnDBParameterGroup,
): CfnDBInstance {
  const { scope } = draft;
  const { foundation, database, alarms, logRetention } = settings;
  const names = key === 'shared' ? [] : [key];
  const identifier = physicalName('server', foundation, type, key);
  const subject = key === 'shared' ? 'database server' : `database server of ${key}`;
  const lasting = type !== 'preview';
  const exports = lasting ? ['postgresql', 'upgrade'] : [];
  const logs = exports.map((name) =>
    mean(
      draft,
      new cloudwatchLogs.CfnLogGroup(scope, logicalId('DatabaseLogs', key, name), {
        logGroupName: `/aws/rds/instance/${identifier}/${name}`,
        retentionInDays: logRetention,
      }),
      { subject: `log of the ${subject}` },
    ),
  );
  const instance = mean(
    draft,
    new rds.CfnDBInstance(scope, logicalId('Database', ...names), {
      dbInstanceIdentifier: identifier,
      engine: 'postgres',
      engineVersion: database.version,
      ...(database.upgradeFrom !== undefined && { allowMajorVersionUpgrade: true }),
      dbInstanceClass: database.instanceClass,
      allocatedStorage: String(database.storage),
      ...(database.maxStorage > database.storage && { maxAllocatedStorage: database.maxStorage }),
      storageType: 'gp3',
      storageEncrypted: true,
      multiAz: database.multiAz,
      publiclyAccessible: false,
      port: String(databasePort),
      dbSubnetGroupName: subnetGroup.ref,
      vpcSecurityGroups: [groups.database],
      dbParameterGroupName: parameters.ref,
      caCertificateIdentifier: certificateAuthority,
      masterUsername: 'fairlead',
      manageMasterUserPassword: true,
      backupRetentionPeriod: database.backupDays,
      deletionProtection: database.deletionProtection,
      copyTagsToSnapshot: true,
      deleteAutomatedBackups: !lasting,
      autoMinorVersionUpgrade: true,
      ...(exports.length > 0 && { enableCloudwatchLogsExports: exports }),
    }),
    { subject, data: key === 'shared' ? 'databases' : key.slice(key.lastIndexOf('/') + 1) },
  );
  for (const group of logs) instance.addResourceDependency(group);
  const policy = lasting ? 'Snapshot' : 'Delete';
  instance.addOverride('DeletionPolicy', policy);
  instance.addOverride('UpdateReplacePolicy', policy);
  if (lasting) {
    mean(
      draft,
      new cloudwatch.CfnAlarm(scope, logicalId('DatabaseStorageAlarm', ...names), {
        alarmName: physicalName('alarm', foundation, type, key, 'storage'),
        alarmDescription: `The ${subject} of ${foundation}, ${type}, has less than a tenth of its first storage free.`,
        namespace: 'AWS/RDS',
        metricName: 'FreeStorageSpace',
        dimensions: [{ name: 'DBInstanceIdentifier', value: instance.ref }],
        statistic: 'Minimum',
        period: 300,
        evaluationPeriods: 3,
        comparisonOperator: 'LessThanThreshold',
        threshold: Math.round(database.storage * 0.1 * 1024 ** 3),
        treatMissingData: 'missing',
        alarmActions: hearers(alarms, alarmTopic),
      }),
      { subject: `alarm about the storage of the ${subject}` },
    );
  }
  return instance;
}
