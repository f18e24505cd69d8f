import type { Operation, Properties, Resource, ResourceContext, ResourceProvider, Wish } from '../../model.ts';
import { AwsError } from '../../model.ts';
import { generatedName, tagList, tagsOf } from '../keeper.ts';
import type { IamState, Role } from './model.ts';
import { findRole, tagsToRecord } from './roles.ts';

type Operations = Record<string, Operation>;

const text = (document: unknown) => (typeof document === 'string' ? document : JSON.stringify(document));

/** Tags of the service's own making do not go to IAM. */
const tagsFor = (properties: Properties, context: ResourceContext) =>
  tagList(tagsOf(properties, context)).filter(({ Key }) => !Key.startsWith('aws:'));

/** CloudFormation User Guide, `AWS::IAM::…`: what each resource does is what its operations do. */
export function iamResources(
  { random }: { random: { text(length: number): string } },
  state: IamState,
  run: Operations,
): Record<string, ResourceProvider> {
  const gone = (work: () => unknown) => {
    try {
      work();
    } catch (error) {
      if (!(error instanceof AwsError && error.code === 'NoSuchEntity')) throw error;
    }
  };
  return {
    'AWS::IAM::Role': roleProvider(random, state, run, gone),
    'AWS::IAM::ManagedPolicy': managedPolicyProvider(random, state, run, gone),
    'AWS::IAM::Policy': inlineProvider(state, run, gone, (properties) => properties.Roles ?? []),
    'AWS::IAM::RolePolicy': inlineProvider(state, run, gone, (properties) => [properties.RoleName]),
    'AWS::IAM::OIDCProvider': oidcProvider(state, run),
    'AWS::IAM::ServiceLinkedRole': {
      latency,
      async create(properties, context): Promise<Resource> {
        const { Role: made } = run.CreateServiceLinkedRole!(properties, context) as { Role: { RoleName: string } };
        return { id: made.RoleName, attributes: { RoleName: made.RoleName } };
      },
      update: async (id) => ({ id, attributes: { RoleName: id } }),
      async delete(id, _properties, { account }) {
        const role = findRole(state, account, id);
        if (role) state.roles.delete(role.arn);
      },
      read: async (id, { account }) => (findRole(state, account, id) ? {} : undefined),
      wishes: (verb, properties) =>
        verb === 'create'
          ? [
              {
                action: 'iam:CreateServiceLinkedRole',
                resource: `arn:aws:iam::*:role/aws-service-role/${properties.AWSServiceName}/*`,
              },
            ]
          : [],
    },
  };
}

/**
 * Roles are made at once, and known everywhere a little later: IAM User Guide, "Changes that I make are not always immediately
 * visible". CloudFormation waits for that, some fifteen seconds by the events of stacks.
 */
const latency = { create: 2000, update: 2000, delete: 2000, stabilize: 13_000 };

type Gone = (work: () => unknown) => void;

function roleProvider(
  random: { text(length: number): string },
  state: IamState,
  run: Operations,
  gone: Gone,
): ResourceProvider {
  const answer = (role: Role): Resource => ({ id: role.name, attributes: { Arn: role.arn, RoleId: role.id } });
  const fill = (RoleName: string, properties: Properties, context: ResourceContext) => {
    for (const { PolicyName, PolicyDocument } of properties.Policies ?? [])
      run.PutRolePolicy!({ RoleName, PolicyName, PolicyDocument: text(PolicyDocument) }, context);
    for (const PolicyArn of properties.ManagedPolicyArns ?? []) run.AttachRolePolicy!({ RoleName, PolicyArn }, context);
  };
  const empty = (role: Role, properties: Properties, kept: Properties = {}) => {
    const [names, arns] = [(kept.Policies ?? []).map(nameOf), kept.ManagedPolicyArns ?? []];
    for (const name of (properties.Policies ?? []).map(nameOf)) if (!names.includes(name)) role.inline.delete(name);
    for (const arn of properties.ManagedPolicyArns ?? []) if (!arns.includes(arn)) role.attached.delete(arn);
  };
  return {
    latency,
    async create(properties, context) {
      const RoleName: string = properties.RoleName ?? generatedName(context, random, 64);
      const { Path, Description, MaxSessionDuration, PermissionsBoundary } = properties;
      const AssumeRolePolicyDocument = text(properties.AssumeRolePolicyDocument);
      const Tags = tagsFor(properties, context);
      run.CreateRole!(
        { RoleName, Path, Description, MaxSessionDuration, PermissionsBoundary, AssumeRolePolicyDocument, Tags },
        context,
      );
      const role = findRole(state, context.account, RoleName)!;
      try {
        fill(RoleName, properties, context);
      } catch (error) {
        state.roles.delete(role.arn);
        throw error;
      }
      return answer(role);
    },
    async update(id, properties, previous, context) {
      const role = findRole(state, context.account, id);
      if (!role) throw new AwsError('NoSuchEntity', `The role with name ${id} cannot be found.`, 404);
      run.UpdateAssumeRolePolicy!({ RoleName: id, PolicyDocument: text(properties.AssumeRolePolicyDocument) }, context);
      run.UpdateRole!(
        {
          RoleName: id,
          Description: properties.Description ?? '',
          MaxSessionDuration: properties.MaxSessionDuration ?? 3600,
        },
        context,
      );
      if (properties.PermissionsBoundary) role.boundary = properties.PermissionsBoundary;
      else delete role.boundary;
      empty(role, previous, properties);
      fill(id, properties, context);
      role.tags = tagsToRecord(tagsFor(properties, context));
      return answer(role);
    },
    async delete(id, properties, context) {
      const role = findRole(state, context.account, id);
      if (!role) return;
      // What somebody else put on it stays in the way.
      empty(role, properties);
      gone(() => run.DeleteRole!({ RoleName: id }, context));
    },
    async read(id, { account }) {
      const role = findRole(state, account, id);
      if (!role) return undefined;
      const policies = [...role.inline].map(([PolicyName, one]) => ({ PolicyName, PolicyDocument: JSON.parse(one) }));
      return {
        RoleName: role.name,
        Path: role.path,
        AssumeRolePolicyDocument: JSON.parse(role.trust),
        MaxSessionDuration: role.maxSession,
        Policies: policies,
        ManagedPolicyArns: [...role.attached],
        ...(role.description && { Description: role.description }),
        ...(role.boundary && { PermissionsBoundary: role.boundary }),
        Tags: tagList(role.tags),
      };
    },
    wishes: roleWishes,
  };
}

const nameOf = ({ PolicyName }: { PolicyName: string }) => PolicyName;

/** "Actions, resources, and condition keys for AWS Identity and Access Management". */
function roleWishes(
  verb: 'create' | 'update' | 'delete',
  properties: Properties,
  context: ResourceContext,
  id?: string,
): Wish[] {
  const resource = `arn:aws:iam::${context.account}:role${properties.Path ?? '/'}${id ?? properties.RoleName ?? `${context.stack.name}-${context.logicalId}-*`}`;
  const boundary = properties.PermissionsBoundary ? { 'iam:PermissionsBoundary': properties.PermissionsBoundary } : {};
  const on = (action: string, more: Record<string, string> = {}): Wish => ({
    action: `iam:${action}`,
    resource,
    context: { ...boundary, ...more },
  });
  const attachments: string[] = properties.ManagedPolicyArns ?? [];
  const inline: unknown[] = properties.Policies ?? [];
  if (verb === 'delete')
    return [
      ...inline.map(() => on('DeleteRolePolicy')),
      ...attachments.map((arn) => on('DetachRolePolicy', { 'iam:PolicyARN': arn })),
      on('DeleteRole'),
    ];
  return [
    ...(verb === 'create' ? [on('CreateRole')] : [on('UpdateAssumeRolePolicy'), on('UpdateRole')]),
    ...inline.map(() => on('PutRolePolicy')),
    ...attachments.map((arn) => on('AttachRolePolicy', { 'iam:PolicyARN': arn })),
    on('TagRole'),
  ];
}

function managedPolicyProvider(
  random: { text(length: number): string },
  state: IamState,
  run: Operations,
  gone: Gone,
): ResourceProvider {
  const arnOf = ({ account }: ResourceContext, { Path = '/', ManagedPolicyName }: Properties, id?: string) =>
    id ?? `arn:aws:iam::${account}:policy${Path}${ManagedPolicyName ?? '*'}`;
  const attach = (
    PolicyArn: string,
    roles: string[],
    context: ResourceContext,
    verb: 'AttachRolePolicy' | 'DetachRolePolicy',
  ) => {
    for (const RoleName of roles) gone(() => run[verb]!({ RoleName, PolicyArn }, context));
  };
  return {
    latency,
    async create(properties, context) {
      const { Path, Description, Roles = [] } = properties;
      const PolicyName = properties.ManagedPolicyName ?? generatedName(context, random, 128);
      const PolicyDocument = text(properties.PolicyDocument);
      const { Policy } = run.CreatePolicy!(
        { PolicyName, Path, Description, PolicyDocument, Tags: tagsFor(properties, context) },
        context,
      ) as {
        Policy: { Arn: string; PolicyId: string };
      };
      attach(Policy.Arn, Roles, context, 'AttachRolePolicy');
      return { id: Policy.Arn, attributes: { PolicyArn: Policy.Arn, PolicyId: Policy.PolicyId } };
    },
    async update(id, properties, previous, context) {
      const policy = state.policies.get(id);
      if (!policy) throw new AwsError('NoSuchEntity', `Policy ${id} was not found.`, 404);
      if (text(properties.PolicyDocument) !== text(previous.PolicyDocument)) {
        // The oldest one makes room, as CloudFormation does.
        const oldest = policy.versions.find((one) => one.id !== policy.defaultVersion);
        if (policy.versions.length >= 5 && oldest)
          run.DeletePolicyVersion!({ PolicyArn: id, VersionId: oldest.id }, context);
        run.CreatePolicyVersion!(
          { PolicyArn: id, PolicyDocument: text(properties.PolicyDocument), SetAsDefault: true },
          context,
        );
      }
      attach(id, previous.Roles ?? [], context, 'DetachRolePolicy');
      attach(id, properties.Roles ?? [], context, 'AttachRolePolicy');
      return { id, attributes: { PolicyArn: id, PolicyId: policy.id } };
    },
    async delete(id, properties, context) {
      const policy = state.policies.get(id);
      if (!policy) return;
      attach(id, properties.Roles ?? [], context, 'DetachRolePolicy');
      policy.versions = policy.versions.filter((one) => one.id === policy.defaultVersion);
      gone(() => run.DeletePolicy!({ PolicyArn: id }, context));
    },
    async read(id) {
      const policy = state.policies.get(id);
      const version = policy?.versions.find((one) => one.id === policy.defaultVersion);
      if (!policy || !version) return undefined;
      return { ManagedPolicyName: policy.name, Path: policy.path, PolicyDocument: JSON.parse(version.document) };
    },
    wishes(verb, properties, context, id) {
      const resource = arnOf(context, properties, id);
      const on = (action: string): Wish => ({ action: `iam:${action}`, resource });
      if (verb === 'create') return [on('CreatePolicy')];
      return verb === 'delete'
        ? [on('DeletePolicy'), on('ListPolicyVersions')]
        : [on('CreatePolicyVersion'), on('ListPolicyVersions')];
    },
  };
}

/** Policies of their own in the template, which are inline in the roles they name. */
function inlineProvider(
  state: IamState,
  run: Operations,
  gone: Gone,
  rolesOf: (properties: Properties) => string[],
): ResourceProvider {
  const put = (properties: Properties, context: ResourceContext) => {
    for (const RoleName of rolesOf(properties))
      run.PutRolePolicy!(
        { RoleName, PolicyName: properties.PolicyName, PolicyDocument: text(properties.PolicyDocument) },
        context,
      );
  };
  const take = (properties: Properties, context: ResourceContext, kept: string[] = []) => {
    for (const RoleName of rolesOf(properties))
      if (!kept.includes(RoleName))
        gone(() => run.DeleteRolePolicy!({ RoleName, PolicyName: properties.PolicyName }, context));
  };
  return {
    latency,
    async create(properties, context) {
      put(properties, context);
      return { id: properties.PolicyName };
    },
    async update(id, properties, previous, context) {
      take(previous, context, rolesOf(properties));
      put(properties, context);
      return { id };
    },
    async delete(_id, properties, context) {
      take(properties, context);
    },
    async read(id, { account }) {
      const holder = [...state.roles.values()].find((role) => role.account === account && role.inline.has(id));
      return holder && { PolicyName: id, PolicyDocument: JSON.parse(holder.inline.get(id)!) };
    },
    wishes: (verb, properties, { account }) =>
      rolesOf(properties).map((role) => ({
        action: verb === 'delete' ? 'iam:DeleteRolePolicy' : 'iam:PutRolePolicy',
        resource: `arn:aws:iam::${account}:role/${role}`,
      })),
  };
}

function oidcProvider(state: IamState, run: Operations): ResourceProvider {
  return {
    latency: { create: 2000, update: 2000, delete: 2000 },
    async create(properties, context) {
      const { OpenIDConnectProviderArn: id } = run.CreateOpenIDConnectProvider!(
        {
          Url: properties.Url,
          ClientIDList: properties.ClientIdList,
          ThumbprintList: properties.ThumbprintList,
          Tags: tagsFor(properties, context),
        },
        context,
      ) as { OpenIDConnectProviderArn: string };
      return { id, attributes: { Arn: id } };
    },
    async update(id, properties) {
      const provider = state.providers.get(id);
      if (!provider) throw new AwsError('NoSuchEntity', `OpenIDConnect Provider not found for arn ${id}`, 404);
      provider.audiences = properties.ClientIdList ?? [];
      provider.thumbprints = properties.ThumbprintList ?? [];
      return { id, attributes: { Arn: id } };
    },
    async delete(id) {
      state.providers.delete(id);
    },
    async read(id) {
      const provider = state.providers.get(id);
      return (
        provider && {
          Url: `https://${provider.url}`,
          ClientIdList: provider.audiences,
          ThumbprintList: provider.thumbprints,
        }
      );
    },
    wishes: (verb, properties, { account }, id) => [
      {
        action: `iam:${{ create: 'Create', update: 'Update', delete: 'Delete' }[verb]}OpenIDConnectProvider${verb === 'update' ? 'Thumbprint' : ''}`,
        resource: id ?? `arn:aws:iam::${account}:oidc-provider/${String(properties.Url).replace('https://', '')}`,
      },
    ],
  };
}
