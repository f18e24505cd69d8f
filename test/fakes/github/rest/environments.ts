import type { Environment } from '../model/environments.ts';
import type { Variable } from '../model/settings.ts';
import { type Context, found, type Json, ok, page, type Routes } from './answer.ts';
import { nodeId } from './urls.ts';
import { userView } from './views.ts';

/** https://docs.github.com/en/rest/deployments/environments, /deployments/branch-policies, /actions/variables, /actions/permissions */
export const environments: Routes = {
  'GET /repos/{owner}/{repo}/environments': {
    needs: ['actions:read'],
    open: true,
    answer: (context) =>
      page(
        context,
        context.repository.environments.list(),
        (one) => environmentView(one, context),
        (list, total) => ({ total_count: total, environments: list }),
      ),
  },
  'GET /repos/{owner}/{repo}/environments/{environment_name}': {
    needs: ['actions:read'],
    open: true,
    answer: (context) => ok(environmentView(environmentOf(context), context)),
  },
  // "You must authenticate using an access token with the repo scope": a workflow's own token has no administration.
  'PUT /repos/{owner}/{repo}/environments/{environment_name}': {
    needs: ['administration:write'],
    answer(context) {
      const { repository, params, body } = context;
      const policy = body?.deployment_branch_policy;
      const branches = policy ? (policy.protected_branches ? 'protected' : []) : policy === null ? 'all' : undefined;
      const environment = repository.environments.set(params.environment_name!, {
        ...(branches !== undefined && { branches }),
        ...(body?.wait_timer !== undefined && { wait: body.wait_timer }),
        ...(body?.prevent_self_review !== undefined && { preventSelfReview: body.prevent_self_review }),
      });
      return ok(environmentView(environment, context));
    },
  },
  'DELETE /repos/{owner}/{repo}/environments/{environment_name}': {
    needs: ['administration:write'],
    answer(context) {
      context.repository.environments.delete(environmentOf(context).name);
      return { status: 204 };
    },
  },
  'GET /repos/{owner}/{repo}/environments/{environment_name}/deployment-branch-policies': {
    needs: ['actions:read'],
    open: true,
    answer(context) {
      const { branches } = environmentOf(context);
      const view = (list: Json[], total: number) => ({ total_count: total, branch_policies: list });
      return page(context, Array.isArray(branches) ? branches : [], policyView, view);
    },
  },
  'POST /repos/{owner}/{repo}/environments/{environment_name}/deployment-branch-policies': {
    needs: ['administration:write'],
    answer(context) {
      const environment = environmentOf(context);
      const { name, type = 'branch' } = context.body;
      const policy = { id: context.world.nextId(), name, type };
      environment.branches = [...(Array.isArray(environment.branches) ? environment.branches : []), policy];
      return ok(policyView(policy));
    },
  },
  'GET /repos/{owner}/{repo}/environments/{environment_name}/variables': {
    needs: ['environments:read'],
    answer: (context) => variablesPage(context, environmentOf(context).variables),
  },
  'GET /repos/{owner}/{repo}/actions/variables': {
    needs: ['variables:read'],
    answer: (context) => variablesPage(context, context.repository.settings.variables),
  },
  'GET /repos/{owner}/{repo}/actions/variables/{name}': {
    needs: ['variables:read'],
    answer: (context) => ok(variableView(found(context.repository.settings.variables.get(context.params.name!)))),
  },
  'POST /repos/{owner}/{repo}/actions/variables': {
    needs: ['variables:write'],
    answer({ repository, body }) {
      repository.settings.setVariable(body.name, body.value);
      return { status: 201, body: {} };
    },
  },
  'POST /repos/{owner}/{repo}/environments/{environment_name}/variables': {
    needs: ['environments:write'],
    answer(context) {
      const { repository, body } = context;
      repository.settings.setVariable(body.name, body.value, environmentOf(context).name);
      return { status: 201, body: {} };
    },
  },
  'GET /repos/{owner}/{repo}/actions/permissions': {
    needs: ['administration:read'],
    answer({ repository, urls }) {
      const { enabled, allowed, pinned } = repository.settings.actions;
      const selected = {
        selected_actions_url: `${urls.api}/repos/${repository.fullName}/actions/permissions/selected-actions`,
      };
      return ok({
        enabled,
        ...(enabled && {
          allowed_actions: allowed,
          ...(allowed === 'selected' && selected),
          sha_pinning_required: pinned,
        }),
      });
    },
  },
  'GET /repos/{owner}/{repo}/actions/permissions/selected-actions': {
    needs: ['administration:read'],
    answer({ repository }) {
      const { patterns } = repository.settings.actions;
      return ok({ github_owned_allowed: true, verified_allowed: false, patterns_allowed: patterns });
    },
  },
  // https://docs.github.com/en/rest/actions/oidc#get-the-customization-template-for-an-oidc-subject-claim-for-a-repository
  'GET /repos/{owner}/{repo}/actions/oidc/customization/sub': {
    needs: ['actions:read'],
    answer({ repository }) {
      const { subjectClaims: keys } = repository.settings;
      return ok({
        use_default: keys === undefined,
        ...(keys && { include_claim_keys: keys }),
        use_immutable_subject: repository.immutableSubject,
      });
    },
  },
  'GET /repos/{owner}/{repo}/actions/permissions/workflow': {
    needs: ['administration:read'],
    answer({ repository }) {
      const { permissions, approves } = repository.settings.workflow;
      return ok({ default_workflow_permissions: permissions, can_approve_pull_request_reviews: approves });
    },
  },
};

function environmentOf({ repository, params }: Context): Environment {
  return found(repository.environments.get(params.environment_name!));
}

const variablesPage = (context: Context, variables: Map<string, Variable>) =>
  page(context, [...variables.values()], variableView, (list, total) => ({ total_count: total, variables: list }));

const variableView = ({ name, value, createdAt, updatedAt }: Variable): Json => ({
  name,
  value,
  created_at: createdAt,
  updated_at: updatedAt,
});

const policyView = ({ id, name, type }: { id: number; name: string; type: string }): Json => ({
  id,
  node_id: nodeId('DBP', id),
  name,
  type,
});

function environmentView(environment: Environment, { repository, urls, world }: Context): Json {
  const { id, name, branches, reviewers, wait, preventSelfReview } = environment;
  const custom = Array.isArray(branches);
  const rule = (type: string, at: number) => ({ id: id * 10 + at, node_id: nodeId('GA', id * 10 + at), type });
  return {
    id,
    node_id: nodeId('EN', id),
    name,
    url: `${urls.api}/repos/${repository.fullName}/environments/${encodeURIComponent(name)}`,
    html_url: `${urls.server}/${repository.fullName}/deployments/activity_log?environments_filter=${encodeURIComponent(name)}`,
    created_at: environment.createdAt,
    updated_at: environment.createdAt,
    protection_rules: [
      ...(wait > 0 ? [{ ...rule('wait_timer', 1), wait_timer: wait }] : []),
      ...(reviewers.length > 0
        ? [
            {
              ...rule('required_reviewers', 2),
              prevent_self_review: preventSelfReview,
              reviewers: reviewers.map((login) => ({ type: 'User', reviewer: userView(world.users.get(login), urls) })),
            },
          ]
        : []),
      ...(branches === 'all' ? [] : [rule('branch_policy', 3)]),
    ],
    deployment_branch_policy:
      branches === 'all' ? null : { protected_branches: branches === 'protected', custom_branch_policies: custom },
  };
}
