import { AwsError, type Call, type Operation, type World } from '../../model.ts';
import type { IamState, Role } from './model.ts';
import { checkDocument, limits, sizeOf } from './validate.ts';

const ids = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export const noSuchEntity = (message: string): AwsError => new AwsError('NoSuchEntity', message, 404);

export function tagsToRecord(tags: readonly { Key?: string; Value?: string }[] = []): Record<string, string> {
  return Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));
}

export const tagsToList = (tags: Record<string, string>): { Key: string; Value: string }[] =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

export function uniqueId(world: World, prefix: string): string {
  return prefix + world.random.text(17, ids);
}

/** "IAM identifiers": roles have their path in the ARN. Documents go out as IAM has them: percent-encoded. */
export function roleOutput(role: Role): Record<string, unknown> {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: role.arn,
    CreateDate: new Date(role.created),
    AssumeRolePolicyDocument: encodeURIComponent(role.trust),
    ...(role.description !== undefined && { Description: role.description }),
    MaxSessionDuration: role.maxSession,
    ...(role.boundary && {
      PermissionsBoundary: { PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn: role.boundary },
    }),
    Tags: tagsToList(role.tags),
    RoleLastUsed: {},
  };
}

/** IAM API Reference, actions on roles. */
export function roleOperations(world: World, state: IamState): Record<string, Operation> {
  const find = (name: string, { account }: Pick<Call, 'account'>): Role => {
    const role = findRole(state, account, name);
    if (!role) throw noSuchEntity(`The role with name ${name} cannot be found.`);
    return role;
  };
  const known = (arn: string) => {
    if (!state.policies.has(arn)) throw noSuchEntity(`Policy ${arn} does not exist or is not attachable.`);
    return arn;
  };

  return {
    CreateRole(input, call) {
      const {
        RoleName: name,
        Path: path = '/',
        AssumeRolePolicyDocument: trust,
        Description,
        PermissionsBoundary,
      } = input;
      if (!/^[\w+=,.@-]{1,64}$/.test(name))
        throw new AwsError(
          'ValidationError',
          `1 validation error detected: Value '${name}' at 'roleName' failed to satisfy constraint`,
        );
      if (findRole(state, call.account, name))
        throw new AwsError('EntityAlreadyExists', `Role with name ${name} already exists.`, 409);
      checkDocument('trust', trust, 'ACLSizePerRole');
      const role: Role = {
        name,
        path,
        arn: `arn:aws:iam::${call.account}:role${path}${name}`,
        id: uniqueId(world, 'AROA'),
        account: call.account,
        created: world.clock.now(),
        ...(Description !== undefined && { description: Description }),
        trust,
        maxSession: input.MaxSessionDuration ?? 3600,
        inline: new Map(),
        attached: new Set(),
        ...(PermissionsBoundary && { boundary: known(PermissionsBoundary) }),
        tags: tagsToRecord(input.Tags),
      };
      state.roles.set(role.arn, role);
      return { Role: roleOutput(role) };
    },
    GetRole: (input, call) => ({ Role: roleOutput(find(input.RoleName, call)) }),
    ListRoles: (input, { account }) => ({
      Roles: [...state.roles.values()]
        .filter((one) => one.account === account && one.path.startsWith(input.PathPrefix ?? '/'))
        .map(roleOutput),
      IsTruncated: false,
    }),
    // "DeleteRole": what is attached has to be taken away first.
    DeleteRole(input, call) {
      const role = find(input.RoleName, call);
      if (role.attached.size > 0)
        throw new AwsError('DeleteConflict', 'Cannot delete entity, must detach all policies first.', 409);
      if (role.inline.size > 0)
        throw new AwsError('DeleteConflict', 'Cannot delete entity, must delete policies first.', 409);
      state.roles.delete(role.arn);
    },
    UpdateRole(input, call) {
      const role = find(input.RoleName, call);
      if (input.Description !== undefined) role.description = input.Description;
      if (input.MaxSessionDuration !== undefined) role.maxSession = input.MaxSessionDuration;
    },
    UpdateAssumeRolePolicy(input, call) {
      const role = find(input.RoleName, call);
      checkDocument('trust', input.PolicyDocument, 'ACLSizePerRole');
      role.trust = input.PolicyDocument;
    },
    PutRolePolicy(input, call) {
      const role = find(input.RoleName, call);
      checkDocument('managed', input.PolicyDocument, 'PolicySize');
      const others = [...role.inline].filter(([name]) => name !== input.PolicyName).map(([, one]) => one);
      const size = [...others, input.PolicyDocument].reduce((sum, one) => sum + sizeOf(one), 0);
      if (size > limits.inline)
        throw new AwsError(
          'LimitExceeded',
          `Maximum policy size of ${limits.inline} bytes exceeded for role ${role.name}`,
          409,
        );
      role.inline.set(input.PolicyName, input.PolicyDocument);
    },
    GetRolePolicy(input, call) {
      const { name, inline } = find(input.RoleName, call);
      const document = inline.get(input.PolicyName);
      if (document === undefined) throw noSuchEntity(`The role policy with name ${input.PolicyName} cannot be found.`);
      return { RoleName: name, PolicyName: input.PolicyName, PolicyDocument: encodeURIComponent(document) };
    },
    DeleteRolePolicy(input, call) {
      if (!find(input.RoleName, call).inline.delete(input.PolicyName))
        throw noSuchEntity(`The role policy with name ${input.PolicyName} cannot be found.`);
    },
    ListRolePolicies: (input, call) => ({
      PolicyNames: [...find(input.RoleName, call).inline.keys()],
      IsTruncated: false,
    }),
    AttachRolePolicy(input, call) {
      const { attached } = find(input.RoleName, call);
      attached.add(known(input.PolicyArn));
      if (attached.size <= limits.attached) return;
      attached.delete(input.PolicyArn);
      throw new AwsError('LimitExceeded', `Cannot exceed quota for PoliciesPerRole: ${limits.attached}`, 409);
    },
    DetachRolePolicy(input, call) {
      if (!find(input.RoleName, call).attached.delete(input.PolicyArn))
        throw noSuchEntity(`Policy ${input.PolicyArn} was not found.`);
    },
    ListAttachedRolePolicies: (input, call) => ({
      AttachedPolicies: [...find(input.RoleName, call).attached].map((PolicyArn) => ({
        PolicyArn,
        PolicyName: state.policies.get(PolicyArn)?.name,
      })),
      IsTruncated: false,
    }),
    PutRolePermissionsBoundary(input, call) {
      find(input.RoleName, call).boundary = known(input.PermissionsBoundary);
    },
    DeleteRolePermissionsBoundary(input, call) {
      delete find(input.RoleName, call).boundary;
    },
    TagRole(input, call) {
      Object.assign(find(input.RoleName, call).tags, tagsToRecord(input.Tags));
    },
    UntagRole(input, call) {
      const { tags } = find(input.RoleName, call);
      for (const key of input.TagKeys) delete tags[key];
    },
    ListRoleTags: (input, call) => ({ Tags: tagsToList(find(input.RoleName, call).tags), IsTruncated: false }),
    ListInstanceProfilesForRole(input, call) {
      find(input.RoleName, call);
      return { InstanceProfiles: [], IsTruncated: false };
    },
    // "Create a service-linked role": services make theirs themselves where they may.
    CreateServiceLinkedRole(input, call) {
      const service: string = input.AWSServiceName;
      const name = `AWSServiceRoleFor${service.split('.')[0]}`;
      if (findRole(state, call.account, name))
        throw new AwsError(
          'InvalidInput',
          `Service role name ${name} has been taken in this account, please try a different suffix.`,
        );
      const trust = {
        Version: '2012-10-17',
        Statement: { Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' },
      };
      const path = `/aws-service-role/${service}/`;
      const role: Role = {
        name,
        path,
        arn: `arn:aws:iam::${call.account}:role${path}${name}`,
        id: uniqueId(world, 'AROA'),
        account: call.account,
        created: world.clock.now(),
        trust: JSON.stringify(trust),
        maxSession: 3600,
        inline: new Map(),
        attached: new Set(),
        tags: {},
      };
      state.roles.set(role.arn, role);
      return { Role: roleOutput(role) };
    },
  };
}

/** A name is unique within an account, whatever its path. */
export function findRole({ roles }: IamState, account: string, nameOrArn: string): Role | undefined {
  if (nameOrArn.startsWith('arn:')) return roles.get(nameOrArn);
  return [...roles.values()].find(
    (one) => one.account === account && one.name.toLowerCase() === nameOrArn.toLowerCase(),
  );
}
