import { randomUUID } from 'node:crypto';
import type { Answer, Asked } from '../../oci/server.ts';
import { type FakeRegistry, fakeRegistry } from './fake-registry.ts';

export interface FakeEcr extends FakeRegistry {
  /** Names of the actions that were asked for, in order. */
  actions: string[];
  repositories: Map<string, { imageTagMutability: string; tags: { Key: string; Value: string }[]; policy?: string }>;
  /** What the next ones of an action fail with instead of being done: the name and the message of the exception. */
  failures: Map<string, [name: string, message: string]>;
  /** Called with each request of the registry's protocol before it is answered. */
  onRequest: ((asked: Asked) => Answer | undefined) | undefined;
  /** Takes the tokens back that were given so far. */
  revoke(): void;
  /** A token that somebody signed in with before, as `AWS:…` in base64. */
  issue(): string;
}

/** Hours that a token is good for ("Private registry authentication": 12 hours). */
const life = 12 * 3_600_000;
const account = '123456789012';

/**
 * What moto does not do of Amazon ECR: the registry's own protocol, with tokens that expire. Modelled after
 * - "Private registry authentication": basic authentication, the user AWS, a token that is good for 12 hours
 * - API reference, GetAuthorizationToken, CreateRepository (RepositoryAlreadyExistsException, LimitExceededException),
 *   PutLifecyclePolicy (50 rules, "Lifecycle policy template"), PutImage (ImageTagAlreadyExistsException: the repository is configured for tag immutability)
 * - "Preventing image tags from being overwritten": filters of tags that may be given again
 * - "OCI 1.1 in Amazon ECR": it lists referrers
 * - "Blob mounting": off unless the account turns it on
 */
export async function fakeEcr(now: () => number): Promise<FakeEcr> {
  const tokens = new Map<string, number>();
  const repositories: FakeEcr['repositories'] = new Map();
  const [actions, failures]: [string[], FakeEcr['failures']] = [[], new Map()];

  function issue(): string {
    const token = Buffer.from(`AWS:${randomUUID()}`).toString('base64');
    tokens.set(`Basic ${token}`, now() + life);
    return token;
  }

  const answers: Record<
    string,
    (input: { repositoryName: string; repositoryNames: string[]; [key: string]: unknown }) => object
  > = {
    GetAuthorizationToken: () => ({
      authorizationData: [{ authorizationToken: issue(), expiresAt: (now() + life) / 1000 }],
    }),
    DescribeRepositories({ repositoryNames: [name] }) {
      const found = repositories.get(name!);
      if (!found) throw ['RepositoryNotFoundException', `The repository with name '${name}' does not exist`];
      return { repositories: [{ repositoryArn: name, imageTagMutability: found.imageTagMutability }] };
    },
    CreateRepository({ repositoryName, imageTagMutability, tags }) {
      if (repositories.has(repositoryName)) throw ['RepositoryAlreadyExistsException', 'it already exists'];
      repositories.set(repositoryName, { imageTagMutability: String(imageTagMutability), tags: tags as [] });
      return { repository: { repositoryArn: repositoryName } };
    },
    ListTagsForResource: ({ resourceArn }) => ({ tags: repositories.get(String(resourceArn))!.tags }),
    GetLifecyclePolicy({ repositoryName }) {
      const lifecyclePolicyText = repositories.get(repositoryName)?.policy;
      if (lifecyclePolicyText === undefined) throw ['LifecyclePolicyNotFoundException', 'there is none'];
      return { lifecyclePolicyText };
    },
    PutLifecyclePolicy({ repositoryName, lifecyclePolicyText }) {
      const { rules } = JSON.parse(String(lifecyclePolicyText));
      if (rules.length > 50) throw ['InvalidParameterException', 'a policy has 50 rules at most'];
      repositories.get(repositoryName)!.policy = String(lifecyclePolicyText);
      return {};
    },
  };

  function act(action: string, body: Buffer): Answer {
    actions.push(action);
    const type = { 'content-type': 'application/x-amz-json-1.1' };
    try {
      const failure = failures.get(action);
      if (failure) throw failure;
      return [200, type, JSON.stringify(answers[action]!(JSON.parse(body.toString())))];
    } catch (error) {
      if (!Array.isArray(error)) throw error;
      const [name, message] = error;
      return [400, { ...type, 'x-amzn-errortype': name }, JSON.stringify({ __type: name, message })];
    }
  }

  const server: FakeRegistry = await fakeRegistry({
    referrers: true,
    first(asked) {
      const target = /^AmazonEC2ContainerRegistry_V20150921\.(\w+)$/.exec(String(asked.headers['x-amz-target']));
      if (target) return act(target[1]!, asked.body);
      const other = result.onRequest?.(asked);
      if (other) return other;
      const expires = tokens.get(asked.headers.authorization ?? '');
      if (expires === undefined) return refused('no basic auth credentials');
      if (expires <= now()) return refused('Your authorization token has expired. Reauthenticate and try again.', 403);
      const name = /^\/v2\/(.+)\/(?:blobs|manifests|referrers|tags)\//.exec(asked.path)?.[1];
      return name && repositories.has(name) ? undefined : unknown(name);
    },
    tagExists: (tag) =>
      said(
        400,
        'TAG_INVALID',
        `The image tag '${tag}' already exists and cannot be overwritten because the tag is immutable.`,
      ),
  });

  function refused(message: string, status = 401): Answer {
    const [, , body] = said(status, 'DENIED', message);
    return [status, { 'www-authenticate': `Basic realm="https://${server.host}/",service="ecr.amazonaws.com"` }, body!];
  }

  const result: FakeEcr = Object.assign(server, {
    ...{ actions, repositories, failures, issue },
    onRequest: undefined,
    revoke: () => tokens.clear(),
  });
  return result;
}

function unknown(name: string | undefined): Answer {
  const message = `The repository with name '${name}' does not exist in the registry with id '${account}'`;
  return said(404, 'NAME_UNKNOWN', message);
}

function said(status: number, code: string, message: string): Answer {
  return [status, {}, JSON.stringify({ errors: [{ code, message }] })];
}
