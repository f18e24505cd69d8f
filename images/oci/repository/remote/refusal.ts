import type { UserError } from '../../../../pipeline/mod.ts';
import { parseJson } from '../content.ts';
import { repositoryError } from '../errors.ts';
import { readAll } from '../verify.ts';
import { parseRetryAfter, Transient } from './retry.ts';
import type { HttpResponse } from './transport.ts';

/** Hides what must never be read in an error or a log. */
export class Secrets {
  readonly #known = new Set<string>();

  add(...secrets: (string | undefined)[]): void {
    for (const secret of secrets) if (secret !== undefined && secret.length >= 4) this.#known.add(secret);
  }

  redact(text: string): string {
    return [...this.#known]
      .sort((a, b) => b.length - a.length)
      .reduce((all, secret) => all.replaceAll(secret, '***'), text);
  }
}

/** What is known about a request that was refused. */
export interface Circumstances {
  /** For people: the image, or the registry. */
  place: string;
  host: string;
  /** Whether the registry was told who asks. */
  signedIn: boolean;
  secrets: Secrets;
  /** Milliseconds since 1970. */
  now: number;
}

const passing = new Set([408, 425, 429, 500, 502, 503, 504]);

/** The error for a status that nobody expected: a UserError, or a Transient when waiting may help. */
export async function refusal(response: HttpResponse, circumstances: Circumstances): Promise<UserError | Transient> {
  const error = explain(response.status, await saying(response, circumstances.secrets), circumstances);
  if (!passing.has(response.status)) return error;
  return new Transient(error, parseRetryAfter(response.header('retry-after'), circumstances.now));
}

function explain(status: number, saying: string, { place, host, signedIn }: Circumstances): UserError {
  const told = `${status}${saying}`;
  if (status === 401) return notSignedIn(place, host, signedIn, told);
  if (status === 403)
    return repositoryError(
      'FL2202',
      `${host} does not allow it for ${place} (${told})`,
      signedIn ? 'Ask for the right to read and write there, or sign in as somebody who has it.' : signInHelp(host),
    );
  if (status === 404)
    return repositoryError(
      'FL2203',
      `${place} is not there (${told})`,
      'Check the name; some registries want a repository to be created first.',
    );
  if (status === 429)
    return repositoryError(
      'FL2205',
      `${host} takes no more requests for now (${told})`,
      signedIn
        ? 'Wait, then run the command again: it continues where it stopped.'
        : `Wait, or sign in: ${signInHelp(host)}`,
    );
  if (status >= 500 || passing.has(status))
    return repositoryError(
      'FL2206',
      `${host} fails to serve ${place} (${told})`,
      'Run the command again later: it continues where it stopped.',
    );
  return repositoryError(
    'FL2207',
    `${host} refuses what was asked of it for ${place} (${told})`,
    'Mend what the registry says; its limits and rules are in its own documentation.',
  );
}

export function notSignedIn(place: string, host: string, signedIn: boolean, told: string): UserError {
  return signedIn
    ? repositoryError(
        'FL2201',
        `${host} does not accept the credentials for ${place} (${told})`,
        `They may have expired. ${signInHelp(host)}`,
      )
    : repositoryError('FL2201', `${host} wants to know who asks for ${place} (${told})`, signInHelp(host));
}

function signInHelp(host: string): string {
  return `Sign in with: docker login ${host}`;
}

/** What the registry says itself, on one line and without control characters: `: DENIED: …`, or nothing. */
async function saying(response: HttpResponse, secrets: Secrets): Promise<string> {
  // The status has said that it refuses; an answer that breaks off only lacks the words.
  const body = await readAll(response.body, 64 * 1024).catch(() => undefined);
  const { errors } = ((body && parseJson(body)) ?? {}) as { errors?: unknown };
  const first = (Array.isArray(errors) ? errors[0] : undefined) as { code?: unknown; message?: unknown } | undefined;
  const text = [first?.code, first?.message].filter((part) => typeof part === 'string' && part !== '').join(': ');
  const plain = secrets
    .redact(text)
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim();
  return plain === '' ? '' : `: ${plain.length > 300 ? `${plain.slice(0, 300)}…` : plain}`;
}
