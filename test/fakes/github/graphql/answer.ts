import { execute, GraphQLError, parse, validate } from 'graphql';
import type { Deployment } from '../model/deployments.ts';
import type { Token } from '../model/tokens.ts';
import type { World } from '../model/world.ts';
import type { Violation } from '../openapi/validator.ts';
import type { Answer } from '../rest/answer.ts';
import { nodeId } from '../rest/urls.ts';
import { loadSchema } from './schema.ts';

/** The most that may be asked for by id at once. https://docs.github.com/en/graphql/guides/using-global-node-ids */
const mostNodes = 100;

/**
 * The GraphQL API for deployments by their ids: a query is held against GitHub's published schema. Errors come with the status 200.
 * https://docs.github.com/en/graphql/overview/about-the-graphql-api
 */
export function answerGraphql(
  world: World,
  request: Request,
  text: string,
  report: (violation: Violation) => void,
): Answer & { operation: string } {
  const operation = 'graphql';
  const [, value] = /^(?:token|bearer) (.+)$/i.exec(request.headers.get('authorization') ?? '') ?? [];
  const token = value === undefined ? undefined : world.tokens.get(value);
  if (!token) return { operation, status: 401, body: { message: 'Bad credentials', status: '401' } };
  const { query, variables } = JSON.parse(text) as { query: string; variables?: Record<string, unknown> };
  const document = parse(query);
  const schema = loadSchema();
  const wrong = validate(schema, document);
  for (const { message } of wrong) report({ kind: 'request', request: 'POST /graphql', operation, message });
  if (wrong.length > 0) return { operation, status: 200, body: { errors: wrong } };
  const result = execute({
    ...{ schema, document, variableValues: variables ?? {} },
    rootValue: {
      nodes: ({ ids }: { ids: string[] }) => nodesOf(ids, world, token),
      // Of an app it is that of its bot.
      viewer: { login: token.login },
    },
  });
  if (result instanceof Promise) throw new Error('the fake answers at once');
  return { operation, status: 200, body: { ...result, ...(result.errors && { errors: result.errors.map(flat) }) } };
}

function nodesOf(ids: string[], world: World, token: Token): (object | Error)[] {
  if (ids.length > mostNodes) {
    throw new GraphQLError(`You may not provide more than ${mostNodes} node ids; you provided ${ids.length}.`, {
      extensions: { type: 'ARGUMENT_LIMIT' },
    });
  }
  const repository = world.repository(token.repository);
  return ids.map((id) => {
    const deployment = repository?.deployments.list().find((one) => nodeId('DE', one.id) === id);
    if (!deployment) return refused('NOT_FOUND', `Could not resolve to a node with the global id of '${id}'.`);
    if (repository?.private && !token.permissions.deployments) {
      return refused('FORBIDDEN', 'Resource not accessible by integration');
    }
    return view(deployment);
  });
}

function refused(type: string, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { type } });
}

/** GitHub says the type of an error beside its message. */
function flat({ extensions, ...error }: GraphQLError): object {
  return {
    ...(typeof extensions.type === 'string' && { type: extensions.type }),
    path: error.path,
    message: error.message,
  };
}

function view(deployment: Deployment) {
  return {
    __typename: 'Deployment',
    id: nodeId('DE', deployment.id),
    databaseId: deployment.id,
    task: deployment.task,
    createdAt: deployment.createdAt,
    statuses: ({ first = 30 }: { first?: number }) => ({
      totalCount: deployment.statuses.length,
      // In no order that GitHub promises.
      nodes: deployment.statuses.toReversed().slice(0, first).map(statusView),
    }),
  };
}

function statusView(status: Deployment['statuses'][number]) {
  return {
    __typename: 'DeploymentStatus',
    id: nodeId('DES', status.id),
    state: status.state.toUpperCase(),
    description: status.description,
    environment: status.environment,
    environmentUrl: status.environmentUrl || null,
    logUrl: status.logUrl || null,
    createdAt: status.createdAt,
  };
}
