import { Refusal } from '../model/refusal.ts';
import type { Permission, Token } from '../model/tokens.ts';
import type { World } from '../model/world.ts';
import { checkAnswer, checkRequest, operationFor, type Violation } from '../openapi/validator.ts';
import type { Blobs } from '../services/blobs.ts';
import { type Answer, type Json, notFound, type Route, type Routes } from './answer.ts';
import { contents } from './contents.ts';
import { deployments } from './deployments.ts';
import { environments } from './environments.ts';
import { guards } from './guards.ts';
import { issues } from './issues.ts';
import { pulls } from './pulls.ts';
import { repositories } from './repositories.ts';
import { runs } from './runs.ts';
import type { Urls } from './urls.ts';

interface Wires {
  world: World;
  urls: Urls;
  blobs: Blobs;
  report(violation: Violation): void;
}

const routes: Routes = {
  ...pulls,
  ...issues,
  ...deployments,
  ...repositories,
  ...contents,
  ...environments,
  ...runs,
  ...guards,
};

/** The REST API: finds the operation, holds request and answer against the description, asks for permission, answers. */
export function answerRest(wires: Wires, request: Request, url: URL, text: string): Answer & { operation?: string } {
  const { world, urls, blobs } = wires;
  const { method } = request;
  const path = url.pathname;
  const name = `${method} ${path}`;
  const described = operationFor(method, path);
  const complain = (kind: Violation['kind'], messages: string[]) => {
    for (const message of messages)
      wires.report({ kind, request: name, ...(described && { operation: described.operation.id }), message });
  };
  const route = described && routes[`${method} ${described.operation.path}`];
  if (!described || !route) {
    complain('unknown', [described ? 'The fake does not know this operation.' : 'GitHub has no such operation.']);
    return answerOf(notFound(), '');
  }
  let answer: Answer;
  let body: Json;
  try {
    body = text === '' ? undefined : parse(text);
    const wrong = checkRequest(described, url.searchParams, body);
    complain('request', wrong);
    // https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api#validation-failed
    const unfit = wrong.find((message) => /^The body (at|is missing)/.test(message));
    if (unfit) throw new Refusal(422, `Invalid request.\n\n${unfit}`);
    const token = authenticate(world, request);
    const repository = world.repository(`${described.path.owner}/${described.path.repo}`);
    if (!repository) throw notFound();
    authorize(route, token, repository.fullName, repository.private);
    answer = route.answer({
      world,
      urls,
      blobs,
      repository,
      token,
      params: described.path,
      query: url.searchParams,
      body,
      request: url,
    });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    answer = answerOf(error, described.operation.docs);
  }
  complain('answer', checkAnswer(described, answer.status, answer.body));
  return { ...answer, operation: described.operation.id };
}

function parse(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, 'Problems parsing JSON');
  }
}

/** https://docs.github.com/en/rest/authentication/authenticating-to-the-rest-api */
function authenticate(world: World, request: Request): Token {
  const [, value] = /^(?:token|bearer) (.+)$/i.exec(request.headers.get('authorization') ?? '') ?? [];
  if (!value) throw new Refusal(401, 'Requires authentication');
  const token = world.tokens.get(value);
  if (!token) throw new Refusal(401, 'Bad credentials');
  return token;
}

/** https://docs.github.com/en/rest/authentication/permissions-required-for-github-apps */
function authorize({ needs, open }: Route, token: Token, repository: string, isPrivate: boolean): void {
  const own = token.repository.toLowerCase() === repository.toLowerCase();
  if (!own && isPrivate) throw notFound();
  if (!isPrivate && open) return;
  if (own && needs.some((need) => need === 'metadata' || grants(token, need))) return;
  const accepted = needs.map((need) => need.replace('-', '_').replace(':', '=')).join('; ');
  const message = `Resource not accessible by ${token.login.endsWith('[bot]') ? 'integration' : 'personal access token'}`;
  throw new Refusal(403, message, undefined, { 'x-accepted-github-permissions': accepted });
}

function grants(token: Token, need: string): boolean {
  const [permission, level] = need.split(':') as [Permission, 'read' | 'write'];
  const has = token.permissions[permission];
  return has === 'write' || (has === 'read' && level === 'read');
}

function answerOf({ status, message, errors, headers }: Refusal, docs: string): Answer {
  const body = {
    message,
    ...(errors && { errors }),
    documentation_url: docs || 'https://docs.github.com/rest',
    status: String(status),
  };
  return { status, body, headers };
}
