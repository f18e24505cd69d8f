import { getOctokit } from '@actions/github';
import { defaults } from '@actions/github/lib/utils';
import { retry } from '@octokit/plugin-retry';
import { type ThrottlingOptions, throttling } from '@octokit/plugin-throttling';
import type { Reporter } from '../pipeline/mod.ts';
import { createPace } from './pace.ts';
import { wholeAnswers } from './whole-answers.ts';

/** GitHub's API with a token. */
export type Api = ReturnType<typeof getOctokit>;

export interface ApiOptions {
  token: string;
  /** Such as `https://api.github.com`: on a runner `GITHUB_API_URL`. */
  baseUrl: string;
  report: Pick<Reporter, 'info'>;
  /** @default one that goes through the proxy that the environment names */
  fetch?: typeof globalThis.fetch;
  /** Seconds to wait for limits of GitHub's, altogether, before giving up. @default 600 */
  patience?: number;
  /** Milliseconds for one request with its answer. @default 60,000 */
  timeout?: number;
  /** How many milliseconds a second of waiting is; for tests. @default 1000 */
  second?: number;
}

/** For a request that must not be sent twice without a look at what became of it. */
export const notAgain = { retries: 0 } as const;

/** How many writes may follow each other at once; from then on, as GitHub asks of who writes much, one in a second. */
const burst = 10;

/**
 * Asks again, three times with growing pauses, when GitHub or the way to it fails, except for requests with {@link notAgain}; waits
 * where GitHub asks for it, and says so.
 */
export function createApi(options: ApiOptions): Api {
  const { token, baseUrl, report, patience = 600, timeout = 60_000, second = 1000 } = options;
  const fetch = options.fetch ?? (defaults.request?.fetch as typeof globalThis.fetch);
  let left = patience;
  /** Whether to wait, and says so. */
  const wait = (why: string, seconds: number): boolean => {
    if (seconds > left) return false;
    left -= seconds;
    report.info(`${why}; waiting ${seconds} s`);
    return true;
  };
  // The plugin's own pace waits a second after each write, and three after a comment.
  const pace = createPace(burst, second);
  const writes = { key: () => ({ schedule: pace }) } as unknown as NonNullable<ThrottlingOptions['write']>;
  const api = getOctokit(
    token,
    {
      baseUrl,
      userAgent: 'fairlead',
      request: { fetch: wholeAnswers(fetch, timeout) },
      retry: { doNotRetry: [400, 401, 403, 404, 409, 410, 413, 422, 429, 451], retryAfterBaseValue: second },
      throttle: {
        retryAfterBaseValue: second,
        write: writes,
        notifications: writes,
        onRateLimit: (seconds) => wait('The rate limit of this token is used up', seconds),
        onSecondaryRateLimit: (seconds) => wait('GitHub asks to slow down', seconds),
      },
    },
    askedToWait((seconds) => wait('GitHub is not ready', seconds), second),
    retry,
    throttling,
  );
  return api;
}

/** Waits when a failing server says for how long. Innermost, so that the other plugins come on top. */
function askedToWait(wait: (seconds: number) => boolean, second: number): typeof retry {
  const plugin = (octokit: Parameters<typeof retry>[0]) => {
    octokit.hook.error('request', async (error) => {
      const answer = 'response' in error ? error.response : undefined;
      const seconds = Number(answer?.headers['retry-after']);
      if (answer && answer.status >= 500 && seconds > 0 && wait(seconds)) await sleep(seconds * second);
      throw error;
    });
    return {};
  };
  return plugin as unknown as typeof retry;
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
