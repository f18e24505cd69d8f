import type { Deployment, DeploymentStatus } from '../model/deployments.ts';
import { type Context, found, type Json, ok, page, type Routes } from './answer.ts';
import { nodeId } from './urls.ts';
import { userView } from './views.ts';

/** https://docs.github.com/en/rest/deployments/deployments and https://docs.github.com/en/rest/deployments/statuses */
export const deployments: Routes = {
  'GET /repos/{owner}/{repo}/deployments': {
    needs: ['deployments:read'],
    open: true,
    answer(context) {
      const filter = (name: string) => {
        const value = context.query.get(name);
        return value && value !== 'none' ? { [name]: value } : {};
      };
      const filters = { ...filter('environment'), ...filter('task'), ...filter('ref'), ...filter('sha') };
      return page(context, context.repository.deployments.list(filters), (one) => deploymentView(one, context));
    },
  },
  'POST /repos/{owner}/{repo}/deployments': {
    needs: ['deployments:write'],
    answer(context) {
      const deployment = context.repository.deployments.ask(context.body, context.token.login);
      if ('message' in deployment) return { status: 202, body: deployment };
      return { status: 201, body: deploymentView(deployment, context) };
    },
  },
  'GET /repos/{owner}/{repo}/deployments/{deployment_id}': {
    needs: ['deployments:read'],
    open: true,
    answer: (context) => ok(deploymentView(deploymentOf(context), context)),
  },
  'DELETE /repos/{owner}/{repo}/deployments/{deployment_id}': {
    needs: ['deployments:write'],
    answer(context) {
      context.repository.deployments.delete(deploymentOf(context).id);
      return { status: 204 };
    },
  },
  'GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses': {
    needs: ['deployments:read'],
    open: true,
    answer(context) {
      const deployment = deploymentOf(context);
      return page(context, [...deployment.statuses].reverse(), (one) => statusView(one, deployment, context));
    },
  },
  'POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses': {
    needs: ['deployments:write'],
    answer(context) {
      const { repository, body, token } = context;
      const deployment = deploymentOf(context);
      const status = repository.deployments.setStatus(deployment, { log_url: body.target_url, ...body }, token.login);
      return { status: 201, body: statusView(status, deployment, context) };
    },
  },
  'GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses/{status_id}': {
    needs: ['deployments:read'],
    open: true,
    answer(context) {
      const deployment = deploymentOf(context);
      const status = deployment.statuses.find(({ id }) => id === Number(context.params.status_id));
      return ok(statusView(found(status), deployment, context));
    },
  },
};

function deploymentOf({ repository, params }: Context): Deployment {
  return found(repository.deployments.get(Number(params.deployment_id)));
}

export function deploymentView(deployment: Deployment, { repository, urls, world }: Context): Json {
  const url = `${urls.api}/repos/${repository.fullName}/deployments/${deployment.id}`;
  return {
    url,
    id: deployment.id,
    node_id: nodeId('DE', deployment.id),
    sha: deployment.sha,
    ref: deployment.ref,
    task: deployment.task,
    payload: deployment.payload,
    original_environment: deployment.environment,
    environment: deployment.environment,
    description: deployment.description,
    creator: userView(world.users.get(deployment.creator), urls),
    created_at: deployment.createdAt,
    updated_at: deployment.updatedAt,
    statuses_url: `${url}/statuses`,
    repository_url: `${urls.api}/repos/${repository.fullName}`,
    transient_environment: deployment.transient,
    production_environment: deployment.production,
    performed_via_github_app: null,
  };
}

function statusView(status: DeploymentStatus, deployment: Deployment, { repository, urls, world }: Context): Json {
  const url = `${urls.api}/repos/${repository.fullName}/deployments/${deployment.id}`;
  return {
    url: `${url}/statuses/${status.id}`,
    id: status.id,
    node_id: nodeId('DES', status.id),
    state: status.state,
    creator: userView(world.users.get(status.creator), urls),
    description: status.description,
    environment: status.environment,
    target_url: status.logUrl,
    created_at: status.createdAt,
    updated_at: status.createdAt,
    deployment_url: url,
    repository_url: `${urls.api}/repos/${repository.fullName}`,
    environment_url: status.environmentUrl,
    log_url: status.logUrl,
    performed_via_github_app: null,
  };
}
