import type { Call, Operation, Wish, World } from '../../model.ts';
import type { Iam, IamState } from './model.ts';
import { awsManagedPolicies, policyOperations } from './policies.ts';
import { providerOperations } from './providers.ts';
import { iamResources } from './resources.ts';
import { findRole, roleOperations } from './roles.ts';
import { simulateOperations } from './simulate.ts';

/** "AWS Identity and Access Management API Reference": roles, managed policies, identity providers. No users: nobody here has a lasting key. */
export function createIam(world: World): Iam {
  const published = awsManagedPolicies(world.clock.now()).map((policy) => [policy.arn, policy] as const);
  const state: IamState = { roles: new Map(), policies: new Map(published), providers: new Map() };
  const operations: Record<string, Operation> = {
    ...roleOperations(world, state),
    ...policyOperations(world, state),
    ...providerOperations(world, state),
    ...simulateOperations(world, () => iam),
    ListAccountAliases: () => ({ AccountAliases: [], IsTruncated: false }),
  };
  const document = (arn: string) => {
    const policy = state.policies.get(arn);
    return policy?.versions.find(({ id }) => id === policy.defaultVersion)?.document;
  };
  const iam: Iam = {
    id: 'iam',
    state,
    operations,
    resources: iamResources(world, state, operations),
    findRole: (account, nameOrArn) => findRole(state, account, nameOrArn),
    policiesOf(account, name) {
      const role = findRole(state, account, name);
      if (!role) return { identity: [] };
      const attached = [...role.attached].flatMap((arn) => document(arn) ?? []);
      // A boundary whose policy is gone allows nothing.
      const boundary = role.boundary && { boundary: document(role.boundary) ?? { Statement: [] } };
      return { identity: [...role.inline.values(), ...attached], ...boundary };
    },
    authorize: wishesOf,
    // "Services that support the Resource Groups Tagging API": policies and providers, and no roles.
    *tagged() {
      for (const { arn, tags } of [...state.policies.values(), ...state.providers.values()])
        if (Object.keys(tags).length > 0) yield { arn, tags };
    },
  };

  /** "Actions, resources, and condition keys for AWS Identity and Access Management". */
  function wishesOf(operation: string, input: Record<string, string>, { account }: Call): Wish[] {
    const { RoleName, PolicyArn, PolicyName, OpenIDConnectProviderArn, Path = '/' } = input;
    const action = `iam:${operation}`;
    if (OpenIDConnectProviderArn) return [{ action, resource: OpenIDConnectProviderArn }];
    if (RoleName) {
      const boundary = input.PermissionsBoundary ?? findRole(state, account, RoleName)?.boundary;
      const context = {
        ...(boundary && { 'iam:PermissionsBoundary': boundary }),
        ...(PolicyArn && { 'iam:PolicyARN': PolicyArn }),
      };
      const resource = findRole(state, account, RoleName)?.arn ?? `arn:aws:iam::${account}:role${Path}${RoleName}`;
      return [{ action, resource, context }];
    }
    if (PolicyArn) return [{ action, resource: PolicyArn }];
    if (PolicyName) return [{ action, resource: `arn:aws:iam::${account}:policy${Path}${PolicyName}` }];
    return [{ action, resource: '*' }];
  }

  return iam;
}
