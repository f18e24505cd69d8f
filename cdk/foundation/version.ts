import { awsError } from '../errors.ts';
import type { AwsSettings, AwsWritten, Template } from '../model.ts';

/** Major versions of the database servers in a template, the oldest first. */
export function versionsIn(template: Template | undefined): number[] {
  const servers = Object.values(template?.Resources ?? {}).filter(({ Type }) => Type === 'AWS::RDS::DBInstance');
  return servers.map(({ Properties }) => Number.parseInt(String(Properties?.EngineVersion), 10)).sort((a, b) => a - b);
}

/** The settings with the version of the servers that are there, where nobody wrote another one down: a newer Fairlead is no reason. */
export function keepVersion(
  settings: AwsSettings,
  { overrides }: Pick<AwsWritten, 'overrides'>,
  deployed: Template | undefined,
): AwsSettings {
  const newest = versionsIn(deployed).at(-1);
  if (newest === undefined || overrides.database?.version !== undefined) return settings;
  return { ...settings, database: { ...settings.database, version: String(newest) } };
}

/**
 * A major version cannot be taken back, and the server does not answer for some minutes while it is raised: nobody does that in passing.
 * @throws UserError FL7008
 */
export function refuseUpgrade({ database }: Pick<AwsSettings, 'database'>, deployed: Template | undefined): void {
  const wanted = Number(database.version);
  const versions = versionsIn(deployed);
  const newer = versions.find((version) => version > wanted);
  if (newer !== undefined)
    throw awsError(
      'FL7008',
      `the database server is PostgreSQL ${newer}, and fairlead.json wants ${wanted}: there is no way back from a major version`,
      `Set \`database.version\` to "${newer}". To go back, restore a snapshot to another server.`,
    );
  const older = versions.find((version) => version < wanted && String(version) !== database.upgradeFrom);
  if (older === undefined) return;
  throw awsError(
    'FL7008',
    `the database server is PostgreSQL ${older}, and fairlead.json wants ${wanted}: that has no way back, and takes minutes in which no database answers`,
    `If that is meant, set \`database.upgradeFrom\` to "${older}" beside \`database.version\`; else set \`database.version\` to "${older}".`,
  );
}
