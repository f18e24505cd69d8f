import { AwsError, type Call, type Operation, type World } from '../../model.ts';
import { uuid } from '../../random.ts';
import { page } from '../paging.ts';
import type { Secret, Version } from './model.ts';
import { randomPassword } from './password.ts';

const day = 24 * 60 * 60 * 1000;
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

type Tag = { Key: string; Value: string };
const record = (tags: Tag[] = []) => Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));
const tagList = (tags: Record<string, string>) => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

const invalid = (message: string) => new AwsError('InvalidRequestException', message);

/** "AWS Secrets Manager API Reference". */
export function secretOperations(world: World, secrets: Map<string, Secret>): Record<string, Operation> {
  const get = (id: string, call: Call): Secret => {
    const secret = findSecret(world, secrets, id, call);
    if (!secret) throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
    return secret;
  };
  /** "DeleteSecret": what waits for its deletion can be described and restored, and nothing else. */
  const usable = (id: string, call: Call): Secret => {
    const secret = get(id, call);
    if (secret.deletion !== undefined)
      throw invalid("You can't perform this operation on the secret because it was marked for deletion.");
    return secret;
  };
  const put = (
    secret: Secret,
    { ClientRequestToken, SecretString, SecretBinary, VersionStages }: PutInput,
  ): Version => {
    const id = ClientRequestToken ?? uuid(world.random);
    const existing = secret.versions.get(id);
    if (existing) {
      if (existing.string === SecretString) return existing;
      throw new AwsError(
        'ResourceExistsException',
        `You can't use ClientRequestToken ${id} because that value is already in use for a version of secret ${secret.arn}.`,
      );
    }
    const version: Version = {
      id,
      ...(SecretString !== undefined && { string: SecretString }),
      ...(SecretBinary && { binary: SecretBinary }),
      stages: new Set(),
      created: world.clock.now(),
    };
    secret.versions.set(id, version);
    for (const stage of VersionStages ?? ['AWSCURRENT']) moveStage(secret, stage, version);
    secret.changed = world.clock.now();
    return version;
  };
  const told = ({ arn, name }: Secret) => ({ ARN: arn, Name: name });

  return {
    CreateSecret(input, call) {
      const { Name: name, Description, KmsKeyId, SecretString, SecretBinary } = input;
      if (!/^[\w/+=.@!-]{1,512}$/.test(name))
        throw new AwsError(
          'ValidationException',
          'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
        );
      const existing = findSecret(world, secrets, name, call);
      if (existing?.deletion !== undefined)
        throw invalid(
          "You can't create this secret because a secret with this name is already scheduled for deletion.",
        );
      if (existing)
        throw new AwsError(
          'ResourceExistsException',
          `The operation failed because the secret ${name} already exists.`,
        );
      // "Secret ARN": six characters of its own, so that a secret made anew is another one.
      const arn = `${arnPrefix(call)}${name}-${world.random.text(6, letters)}`;
      const now = world.clock.now();
      const secret: Secret = {
        name,
        arn,
        account: call.account,
        region: call.region,
        ...(Description !== undefined && { description: Description }),
        ...(KmsKeyId && { kmsKey: KmsKeyId }),
        versions: new Map(),
        tags: record(input.Tags),
        created: now,
        changed: now,
      };
      secrets.set(arn, secret);
      if (SecretString === undefined && !SecretBinary) return told(secret);
      return { ...told(secret), VersionId: put(secret, input).id };
    },
    PutSecretValue(input, call) {
      const secret = usable(input.SecretId, call);
      const version = put(secret, input);
      return { ...told(secret), VersionId: version.id, VersionStages: [...version.stages] };
    },
    UpdateSecret(input, call) {
      const secret = usable(input.SecretId, call);
      if (input.Description !== undefined) secret.description = input.Description;
      if (input.KmsKeyId !== undefined) secret.kmsKey = input.KmsKeyId;
      secret.changed = world.clock.now();
      if (input.SecretString === undefined && !input.SecretBinary) return told(secret);
      return { ...told(secret), VersionId: put(secret, input).id };
    },
    GetSecretValue(input, call) {
      const secret = usable(input.SecretId, call);
      const stage: string = input.VersionStage ?? 'AWSCURRENT';
      const version = input.VersionId
        ? secret.versions.get(input.VersionId)
        : [...secret.versions.values()].find(({ stages }) => stages.has(stage));
      if (!version || (input.VersionId && input.VersionStage && !version.stages.has(stage)))
        throw new AwsError(
          'ResourceNotFoundException',
          `Secrets Manager can't find the specified secret value for ${input.VersionId ? `VersionId: ${input.VersionId}` : `staging label: ${stage}`}`,
        );
      return {
        ...told(secret),
        VersionId: version.id,
        VersionStages: [...version.stages],
        CreatedDate: new Date(version.created),
        ...(version.string !== undefined && { SecretString: version.string }),
        ...(version.binary && { SecretBinary: version.binary }),
      };
    },
    BatchGetSecretValue(input, call) {
      const ids: string[] = input.SecretIdList ?? [];
      const found = ids.flatMap((id) => findSecret(world, secrets, id, call) ?? []);
      const missing = ids.filter((id) => !findSecret(world, secrets, id, call));
      const SecretValues = found.flatMap((secret) => {
        const version = [...secret.versions.values()].find(({ stages }) => stages.has('AWSCURRENT'));
        return version
          ? [
              {
                ...told(secret),
                VersionId: version.id,
                VersionStages: [...version.stages],
                SecretString: version.string,
              },
            ]
          : [];
      });
      const Errors = missing.map((SecretId) => ({
        SecretId,
        ErrorCode: 'ResourceNotFoundException',
        Message: "Secrets Manager can't find the specified secret.",
      }));
      return { SecretValues, Errors };
    },
    DescribeSecret: (input, call) => described(get(input.SecretId, call)),
    ListSecretVersionIds(input, call) {
      const secret = get(input.SecretId, call);
      const versions = [...secret.versions.values()].filter(({ stages }) => stages.size > 0 || input.IncludeDeprecated);
      return {
        ...told(secret),
        Versions: versions.map(({ id, stages, created }) => ({
          VersionId: id,
          VersionStages: [...stages],
          CreatedDate: new Date(created),
        })),
      };
    },
    UpdateSecretVersionStage(input, call) {
      const secret = usable(input.SecretId, call);
      const to = input.MoveToVersionId && secret.versions.get(input.MoveToVersionId);
      if (to) moveStage(secret, input.VersionStage, to);
      else secret.versions.get(input.RemoveFromVersionId)?.stages.delete(input.VersionStage);
      return told(secret);
    },
    ListSecrets(input, call) {
      const all = [...secrets.values()].filter(
        (secret) =>
          secret.account === call.account &&
          secret.region === call.region &&
          !isGone(world, secret) &&
          (secret.deletion === undefined || input.IncludePlannedDeletion) &&
          (input.Filters ?? []).every((filter: Filter) => passes(secret, filter)),
      );
      const { items, next } = page(all, input.NextToken, input.MaxResults ?? 100);
      return { SecretList: items.map(described), ...(next && { NextToken: next }) };
    },
    // "DeleteSecret": between 7 and 30 days to think again, unless there are to be none.
    DeleteSecret(input, call) {
      const { RecoveryWindowInDays: days = 30, ForceDeleteWithoutRecovery: force = false } = input;
      if (force && input.RecoveryWindowInDays !== undefined)
        throw new AwsError(
          'InvalidParameterException',
          "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
        );
      if (days < 7 || days > 30)
        throw new AwsError(
          'InvalidParameterException',
          'The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).',
        );
      const now = world.clock.now();
      const secret = findSecret(world, secrets, input.SecretId, call);
      // It is no error to force away what is not there.
      if (!secret && force)
        return { ARN: `${arnPrefix(call)}${input.SecretId}`, Name: input.SecretId, DeletionDate: new Date(now) };
      const found = get(input.SecretId, call);
      if (!force && found.deletion !== undefined)
        throw invalid("You can't perform this operation on the secret because it was already scheduled for deletion.");
      if (force) secrets.delete(found.arn);
      else Object.assign(found, { deletion: now + days * day, deleted: now });
      return { ...told(found), DeletionDate: new Date(force ? now : now + days * day) };
    },
    RestoreSecret(input, call) {
      const secret = get(input.SecretId, call);
      delete secret.deletion;
      delete secret.deleted;
      return told(secret);
    },
    TagResource(input, call) {
      Object.assign(get(input.SecretId, call).tags, record(input.Tags));
    },
    UntagResource(input, call) {
      const { tags } = get(input.SecretId, call);
      for (const key of input.TagKeys) delete tags[key];
    },
    GetRandomPassword: (input) => ({ RandomPassword: randomPassword(world.random, input) }),
    PutResourcePolicy(input, call) {
      const secret = usable(input.SecretId, call);
      secret.policy = input.ResourcePolicy;
      return told(secret);
    },
    GetResourcePolicy(input, call) {
      const secret = get(input.SecretId, call);
      return { ...told(secret), ...(secret.policy && { ResourcePolicy: secret.policy }) };
    },
    DeleteResourcePolicy(input, call) {
      const secret = usable(input.SecretId, call);
      delete secret.policy;
      return told(secret);
    },
  };
}

interface PutInput {
  ClientRequestToken?: string;
  SecretString?: string;
  SecretBinary?: Uint8Array;
  VersionStages?: string[];
}

/** "Secret versions": a label is on one version at a time, and what was current is then the previous one. */
function moveStage({ versions }: Secret, stage: string, to: Version): void {
  const from = [...versions.values()].find(({ stages }) => stages.has(stage));
  if (from === to) return;
  from?.stages.delete(stage);
  to.stages.add(stage);
  if (stage !== 'AWSCURRENT' || !from) return;
  for (const { stages } of versions.values()) stages.delete('AWSPREVIOUS');
  from.stages.add('AWSPREVIOUS');
}

const arnPrefix = ({ account, region }: Pick<Call, 'account' | 'region'>) =>
  `arn:aws:secretsmanager:${region}:${account}:secret:`;

const isGone = ({ clock }: World, { deletion }: Secret) => deletion !== undefined && deletion <= clock.now();

export function findSecret(
  world: World,
  secrets: Map<string, Secret>,
  id: string,
  { account, region }: Pick<Call, 'account' | 'region'>,
): Secret | undefined {
  const fits = (secret: Secret) =>
    secret.arn === id ||
    secret.arn.slice(0, -7) === id ||
    (secret.name === id && secret.account === account && secret.region === region);
  return [...secrets.values()].find((secret) => fits(secret) && !isGone(world, secret));
}

function described(secret: Secret): Record<string, unknown> {
  const stages = [...secret.versions.values()].filter((version) => version.stages.size > 0);
  return {
    ARN: secret.arn,
    Name: secret.name,
    ...(secret.description !== undefined && { Description: secret.description }),
    ...(secret.kmsKey && { KmsKeyId: secret.kmsKey }),
    CreatedDate: new Date(secret.created),
    LastChangedDate: new Date(secret.changed),
    ...(secret.deleted !== undefined && { DeletedDate: new Date(secret.deleted) }),
    Tags: tagList(secret.tags),
    VersionIdsToStages: Object.fromEntries(stages.map((version) => [version.id, [...version.stages]])),
    SecretVersionsToStages: Object.fromEntries(stages.map((version) => [version.id, [...version.stages]])),
  };
}

interface Filter {
  Key: string;
  Values: string[];
}

/** "Find secrets in AWS Secrets Manager": each value is the beginning of what it looks for, and `!` turns it around. */
function passes({ name, description = '', tags }: Secret, { Key, Values }: Filter): boolean {
  const looked: Record<string, string[]> = {
    name: [name],
    description: [description],
    'tag-key': Object.keys(tags),
    'tag-value': Object.values(tags),
  };
  const texts = looked[Key] ?? Object.values(looked).flat();
  const begins = (value: string) => texts.some((text) => text.startsWith(value));
  return Values.some((value) => (value.startsWith('!') ? !begins(value.slice(1)) : begins(value)));
}
