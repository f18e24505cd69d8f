import { AwsError, type Operation, type World } from '../../model.ts';
import type { IamState, ManagedPolicy } from './model.ts';
import { noSuchEntity, tagsToList, tagsToRecord, uniqueId } from './roles.ts';
import { checkDocument, limits } from './validate.ts';

/** IAM API Reference, actions on managed policies. */
export function policyOperations(world: World, state: IamState): Record<string, Operation> {
  const find = (arn: string): ManagedPolicy => {
    const policy = state.policies.get(arn);
    if (!policy) throw noSuchEntity(`Policy ${arn} was not found.`);
    return policy;
  };
  const users = (arn: string) =>
    [...state.roles.values()].filter(({ attached, boundary }) => attached.has(arn) || boundary === arn);
  const output = (policy: ManagedPolicy) => ({
    PolicyName: policy.name,
    PolicyId: policy.id,
    Arn: policy.arn,
    Path: policy.path,
    DefaultVersionId: policy.defaultVersion,
    AttachmentCount: users(policy.arn).filter(({ attached }) => attached.has(policy.arn)).length,
    PermissionsBoundaryUsageCount: users(policy.arn).filter(({ boundary }) => boundary === policy.arn).length,
    IsAttachable: true,
    ...(policy.description !== undefined && { Description: policy.description }),
    CreateDate: new Date(policy.created),
    UpdateDate: new Date(policy.updated),
    Tags: tagsToList(policy.tags),
  });
  const versionOutput = (
    { defaultVersion }: ManagedPolicy,
    { id, document, created }: ManagedPolicy['versions'][number],
  ) => ({
    VersionId: id,
    IsDefaultVersion: id === defaultVersion,
    Document: encodeURIComponent(document),
    CreateDate: new Date(created),
  });
  const findVersion = (policy: ManagedPolicy, id: string) => {
    const version = policy.versions.find((one) => one.id === id);
    if (!version) throw noSuchEntity(`Policy ${policy.arn} version ${id} does not exist or is not attachable.`);
    return version;
  };

  return {
    CreatePolicy(input, { account }) {
      const { PolicyName: name, Path: path = '/', PolicyDocument: document, Description } = input;
      const arn = `arn:aws:iam::${account}:policy${path}${name}`;
      if (state.policies.has(arn))
        throw new AwsError(
          'EntityAlreadyExists',
          `A policy called ${name} already exists. Duplicate names are not allowed.`,
          409,
        );
      checkDocument('managed', document, 'PolicySize');
      const created = world.clock.now();
      const policy: ManagedPolicy = {
        name,
        path,
        arn,
        id: uniqueId(world, 'ANPA'),
        created,
        updated: created,
        ...(Description !== undefined && { description: Description }),
        versions: [{ id: 'v1', document, created }],
        defaultVersion: 'v1',
        tags: tagsToRecord(input.Tags),
      };
      state.policies.set(arn, policy);
      return { Policy: output(policy) };
    },
    GetPolicy: (input) => ({ Policy: output(find(input.PolicyArn)) }),
    ListPolicies: (input, { account }) => ({
      Policies: [...state.policies.values()]
        .filter(({ aws, arn }) =>
          aws ? input.Scope !== 'Local' : input.Scope !== 'AWS' && arn.includes(`::${account}:`),
        )
        .map(output),
      IsTruncated: false,
    }),
    // "DeletePolicy": nothing may use it, and no version but the default one may be left.
    DeletePolicy(input) {
      const policy = find(input.PolicyArn);
      if (users(policy.arn).length > 0)
        throw new AwsError('DeleteConflict', 'Cannot delete a policy attached to entities.', 409);
      if (policy.versions.length > 1)
        throw new AwsError(
          'DeleteConflict',
          "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
          409,
        );
      state.policies.delete(policy.arn);
    },
    CreatePolicyVersion(input) {
      const policy = find(input.PolicyArn);
      if (policy.versions.length >= limits.versions)
        throw new AwsError(
          'LimitExceeded',
          `A managed policy can have up to ${limits.versions} versions. Before you create a new version, you must delete an existing version.`,
          409,
        );
      checkDocument('managed', input.PolicyDocument, 'PolicySize');
      const newest = Math.max(...policy.versions.map(({ id }) => Number(id.slice(1))));
      const version = { id: `v${newest + 1}`, document: input.PolicyDocument, created: world.clock.now() };
      policy.versions.push(version);
      if (input.SetAsDefault) policy.defaultVersion = version.id;
      policy.updated = version.created;
      return { PolicyVersion: versionOutput(policy, version) };
    },
    GetPolicyVersion(input) {
      const policy = find(input.PolicyArn);
      return { PolicyVersion: versionOutput(policy, findVersion(policy, input.VersionId)) };
    },
    ListPolicyVersions(input) {
      const policy = find(input.PolicyArn);
      return { Versions: [...policy.versions].reverse().map((one) => versionOutput(policy, one)), IsTruncated: false };
    },
    DeletePolicyVersion(input) {
      const policy = find(input.PolicyArn);
      const version = findVersion(policy, input.VersionId);
      if (version.id === policy.defaultVersion)
        throw new AwsError('DeleteConflict', 'Cannot delete the default version of a policy.', 409);
      policy.versions = policy.versions.filter((one) => one !== version);
    },
    SetDefaultPolicyVersion(input) {
      const policy = find(input.PolicyArn);
      policy.defaultVersion = findVersion(policy, input.VersionId).id;
    },
    ListEntitiesForPolicy(input) {
      const { arn } = find(input.PolicyArn);
      const roles = users(arn).filter(({ attached }) => attached.has(arn));
      return {
        PolicyRoles: roles.map(({ name, id }) => ({ RoleName: name, RoleId: id })),
        PolicyUsers: [],
        PolicyGroups: [],
        IsTruncated: false,
      };
    },
  };
}

const statement = (Action: string | string[]) => ({ Effect: 'Allow', Action, Resource: '*' });

/** "AWS managed policy reference": the few that are used here, as published. */
const published: Record<string, object> = {
  AdministratorAccess: statement('*'),
  'service-role/AmazonECSTaskExecutionRolePolicy': statement([
    'ecr:GetAuthorizationToken',
    'ecr:BatchCheckLayerAvailability',
    'ecr:GetDownloadUrlForLayer',
    'ecr:BatchGetImage',
    'logs:CreateLogStream',
    'logs:PutLogEvents',
  ]),
};

export function awsManagedPolicies(now: number): ManagedPolicy[] {
  return Object.entries(published).map(([place, one]) => {
    const name = place.split('/').at(-1) ?? place;
    const document = JSON.stringify({ Version: '2012-10-17', Statement: [one] });
    return {
      name,
      path: `/${place.slice(0, -name.length)}`,
      arn: `arn:aws:iam::aws:policy/${place}`,
      id: `ANPA${name.toUpperCase().slice(0, 17)}`,
      created: now,
      updated: now,
      versions: [{ id: 'v1', document, created: now }],
      defaultVersion: 'v1',
      tags: {},
      aws: true,
    };
  });
}
