import { createHash, createSign, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import type { Job } from '../model/jobs.ts';
import type { World } from '../model/world.ts';
import type { Answer, Json } from '../rest/answer.ts';
import type { Urls } from '../rest/urls.ts';

interface Keys {
  id: string;
  private: KeyObject;
  jwk: Json;
}

let made: Keys | undefined;

/** Made at the first use, as it takes its time. */
function keys(): Keys {
  if (made) return made;
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = publicKey.export({ format: 'jwk' });
  const id = createHash('sha256').update(JSON.stringify(jwk)).digest('hex').slice(0, 40);
  made = { id, private: privateKey, jwk: { ...jwk, kid: id, alg: 'RS256', use: 'sig' } };
  return made;
}

/** https://token.actions.githubusercontent.com/.well-known/openid-configuration */
export function answerIssuer(path: string, { oidc }: Urls): Answer {
  if (path === '/.well-known/openid-configuration')
    return {
      status: 200,
      body: {
        issuer: oidc,
        jwks_uri: `${oidc}/.well-known/jwks`,
        subject_types_supported: ['public', 'pairwise'],
        response_types_supported: ['id_token'],
        claims_supported: [
          'sub',
          'aud',
          'exp',
          'iat',
          'iss',
          'jti',
          'nbf',
          'ref',
          'repository',
          'repository_id',
          'environment',
        ],
        id_token_signing_alg_values_supported: ['RS256'],
        scopes_supported: ['openid'],
      },
    };
  if (path === '/.well-known/jwks') return { status: 200, body: { keys: [keys().jwk] } };
  return { status: 404, body: { message: 'Not Found' } };
}

/** The address that jobs ask; it has a query already, as clients add `&audience=…` to it. */
export const idTokenUrl = (job: Job, urls: Urls) => `${urls.tokens}/_idtoken/${job.id}?api-version=2.0`;

/** A token for the job whose request token this is: https://docs.github.com/en/actions/reference/security/oidc#methods-for-requesting-the-oidc-token */
export function answerIdToken(world: World, urls: Urls, url: URL, token: string): Answer {
  const job = [...world.repositories.values()].map(({ jobs }) => jobs.find(token)).find(Boolean);
  if (!job || job.idToken !== token || url.pathname !== `/_idtoken/${job.id}`)
    return { status: 401, body: { message: 'Unauthorized' } };
  const audience = url.searchParams.get('audience') ?? `${urls.server}/${job.repository.owner.login}`;
  return { status: 200, body: { value: sign(claimsOf(job, audience, urls, world.clock.now())), count: 1 } };
}

/** https://docs.github.com/en/actions/reference/security/oidc#oidc-token-claims */
export function claimsOf(job: Job, audience: string, { oidc }: Urls, now: Date): Record<string, string | number> {
  const { repository, run, ref } = job;
  const pull = job.pull === undefined ? undefined : repository.pulls.get(job.pull);
  const seconds = Math.floor(now.getTime() / 1000);
  const claims: Record<string, string | number> = {
    iss: oidc,
    aud: audience,
    sub: '',
    jti: randomUUID(),
    iat: seconds,
    nbf: seconds - 300,
    exp: seconds + 300,
    ref,
    ref_type: ref.startsWith('refs/tags/') ? 'tag' : 'branch',
    ref_protected: String(ref === `refs/heads/${repository.defaultBranch}`),
    sha: job.sha,
    repository: repository.fullName,
    repository_id: String(repository.id),
    repository_owner: repository.owner.login,
    repository_owner_id: String(repository.owner.id),
    repository_visibility: repository.private ? 'private' : 'public',
    run_id: String(run.id),
    run_number: String(run.number),
    run_attempt: String(run.attempt),
    runner_environment: 'github-hosted',
    actor: run.actor,
    actor_id: String(repository.world.users.get(run.actor).id),
    event_name: run.event,
    head_ref: pull?.head.ref ?? '',
    base_ref: pull?.base.ref ?? '',
    workflow: run.name,
    workflow_ref: `${repository.fullName}/${run.path}@${ref}`,
    workflow_sha: job.sha,
    job_workflow_ref: job.workflowRef,
    job_workflow_sha: job.sha,
    check_run_id: String(job.id),
    ...(job.environment && { environment: job.environment }),
  };
  return { ...claims, sub: subjectOf(job, claims) };
}

/**
 * The claims that the repository's settings name, each with its value, where `context` is the usual end:
 * https://docs.github.com/en/actions/reference/security/oidc#customizing-the-token-claims. Otherwise the environment goes before the event, and the event before the ref. Repositories since 15 July 2026 have their ids in it:
 * https://docs.github.com/en/actions/reference/security/oidc#example-subject-claims
 */
export function subjectOf({ repository, run, ref, environment }: Job, claims: Record<string, string | number>): string {
  const { owner, name, id, immutableSubject, fullName } = repository;
  const whose = immutableSubject ? `${owner.login}@${owner.id}/${name}@${id}` : fullName;
  const plain = run.event === 'pull_request' ? 'pull_request' : `ref:${ref}`;
  const context = environment ? `environment:${environment.replaceAll(':', '%3A')}` : plain;
  const keys = repository.settings.subjectClaims ?? ['repo', 'context'];
  const values: Record<string, string> = { repo: `repo:${whose}`, context };
  return keys.map((key) => values[key] ?? `${key}:${claims[key] ?? ''}`).join(':');
}

function sign(claims: object): string {
  const { id, private: privateKey } = keys();
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part({ typ: 'JWT', alg: 'RS256', kid: id, x5t: id })}.${part(claims)}`;
  return `${text}.${createSign('RSA-SHA256').update(text).sign(privateKey, 'base64url')}`;
}
