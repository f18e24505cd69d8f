import { type Code, UserError } from '../analyzer/diagnostic.ts';

/** What a request is for. */
export interface Doing {
  /** Continues "cannot", such as `write deployments of ada/shop`. */
  what: string;
  /** What the token needs for it, as a workflow grants it: `deployments: write`. */
  permission: string;
  /** Where the token gets its permissions. @default the job in the workflow file */
  grantedIn?: string;
}

/** Makes a request, and of its failure something that the user can mend. */
export async function doing<T>(what: Doing, request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (error) {
    throw apiError(error, what);
  }
}

/** What GitHub answered in place of what was asked for. */
export interface Refusal {
  /** 500 also for a connection that broke. */
  status: number;
  message: string;
  headers: Readonly<Record<string, string | number | undefined>>;
}

/** Undefined for what is no failure of a request. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (!(error instanceof Error)) return undefined;
  if (isGraphqlError(error)) {
    const [first] = error.errors;
    const status =
      { NOT_FOUND: 404, FORBIDDEN: 403, INSUFFICIENT_SCOPES: 403, RATE_LIMITED: 429 }[first?.type ?? ''] ?? 422;
    return { status, message: first?.message ?? error.message, headers: error.headers };
  }
  if (!('status' in error) || typeof error.status !== 'number') return undefined;
  const { response } = error as { response?: { headers: Refusal['headers']; data: unknown } };
  const data = response?.data as { message?: unknown; errors?: unknown } | undefined;
  const said = typeof data?.message === 'string' ? data.message : error.message;
  return { status: error.status, message: said + detailsOf(data?.errors), headers: response?.headers ?? {} };
}

interface GraphqlError extends Error {
  errors: { type?: string; message: string }[];
  headers: Refusal['headers'];
}

function isGraphqlError(error: Error): error is GraphqlError {
  return error.name === 'GraphqlResponseError' && 'errors' in error && Array.isArray(error.errors);
}

function detailsOf(errors: unknown): string {
  if (!Array.isArray(errors)) return '';
  const messages = errors
    .map((one) => (typeof one === 'string' ? one : one?.message))
    .filter((one) => typeof one === 'string');
  return messages.length === 0 ? '' : ` (${messages.join('; ')})`;
}

/** Whether nobody knows if the request was carried out. */
export function isUncertain(error: unknown): boolean {
  const refusal = refusalOf(error);
  return refusal !== undefined && refusal.status >= 500;
}

/** A UserError with a code of FL61xx; an error that is none of GitHub's as it is. */
export function apiError(error: unknown, doing: Doing): unknown {
  const refusal = refusalOf(error);
  if (!refusal) return error;
  const [code, why, help] = describe(refusal, doing);
  const message = `GitHub: cannot ${doing.what}: ${why}`;
  return new UserError({ code, severity: 'error', message, help }, { cause: error });
}

function describe(
  refusal: Refusal,
  { permission, grantedIn = 'the job in the workflow file' }: Doing,
): [Code, string, string] {
  const { status, headers } = refusal;
  const said = oneLine(refusal.message);
  const grant = `Add \`${permission}\` to \`permissions\` of ${grantedIn}.`;
  if (status === 401) {
    return [
      'FL6101',
      'the token is not valid, or not any more',
      'Run the job again; a token is valid while its job runs, and at most 24 hours.',
    ];
  }
  if (isLimit(refusal))
    return ['FL6104', 'the token has asked too much of GitHub', `Run the job again ${resetOf(headers)}.`];
  if (status === 403 && /resource not accessible|must have|permission|insufficient/i.test(said)) {
    const accepted = headers['x-accepted-github-permissions'];
    const also = accepted === undefined ? '' : ` (GitHub asks for ${accepted})`;
    return [
      'FL6102',
      `the token may not${also}`,
      `${grant} Pull requests of forks and of Dependabot have tokens that only read.`,
    ];
  }
  if (status === 404) {
    return [
      'FL6103',
      'it is not there, or the token may not see it',
      `If it is there: ${grant[0]?.toLowerCase()}${grant.slice(1)}`,
    ];
  }
  if (status >= 500) {
    return [
      'FL6105',
      `GitHub does not answer as it should (${said})`,
      'See https://www.githubstatus.com, and run the job again; it goes on where it stopped.',
    ];
  }
  return [
    'FL6106',
    `it is refused (${status}: ${said})`,
    'Change what GitHub names, and run the job again; it goes on where it stopped.',
  ];
}

function isLimit({ status, message, headers }: Refusal): boolean {
  return (
    status === 429 || (status === 403 && (headers['x-ratelimit-remaining'] === '0' || /rate limit/i.test(message)))
  );
}

function resetOf(headers: Refusal['headers']): string {
  const reset = Number(headers['x-ratelimit-reset']);
  if (headers['x-ratelimit-remaining'] === '0' && reset > 0) return `after ${new Date(reset * 1000).toISOString()}`;
  return 'in some minutes';
}

/** What others wrote, so that it can be part of a sentence. */
function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}
