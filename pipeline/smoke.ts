import type { Smoke, SmokeUrl } from './config.ts';
import type { Answer, Ports, Prober } from './ports.ts';

/** Milliseconds between two tries of one URL. */
const pause = 1000;

/** Redirects within the host that are followed before it counts as going in circles. */
const mostRedirects = 5;

/** Characters of a wrong answer that are shown. */
const excerptLength = 200;

/**
 * Asks what was put up for each URL until it answers as it should or the time is over.
 * @returns what is wrong in the end, a sentence each without a full stop; empty when nothing is
 */
export async function smokeTest(
  url: string,
  { urls, timeout }: Pick<Smoke, 'urls' | 'timeout'>,
  { prober, clock }: Pick<Ports, 'prober' | 'clock'>,
): Promise<string[]> {
  const deadline = clock.now().getTime() + timeout;
  const left = () => deadline - clock.now().getTime();
  const tries = urls.map(async (expected): Promise<string[]> => {
    for (;;) {
      const wrong = await whatIsWrong(url, expected, prober, left);
      if (wrong === undefined) return [];
      if (left() <= pause) return [`GET ${expected.path} ${wrong}`];
      await prober.wait(pause);
    }
  });
  return (await Promise.all(tries)).flat();
}

async function whatIsWrong(
  base: string,
  { path, status, contains }: SmokeUrl,
  prober: Prober,
  left: () => number,
): Promise<string | undefined> {
  let url = new URL(path, base);
  for (let redirects = 0; ; redirects++) {
    if (url.origin !== new URL(base).origin) return `leads to another host, ${url.host}`;
    const answer = await prober.get(url.href, Math.max(1, left()));
    if ('failure' in answer) return `did not answer: ${answer.failure}`;
    const next = isRedirect(status) ? undefined : targetOf(answer, url);
    if (!next) return verdict(answer, { status, contains });
    if (redirects === mostRedirects) return `redirects more than ${mostRedirects} times`;
    url = next;
  }
}

/** One that is expected is not followed. */
function isRedirect(status: number | undefined): boolean {
  return status !== undefined && status >= 300 && status < 400;
}

function targetOf({ status, location }: Exclude<Answer, { failure: string }>, from: URL): URL | undefined {
  if (!isRedirect(status) || location === undefined) return undefined;
  return URL.canParse(location, from.href) ? new URL(location, from.href) : undefined;
}

function verdict(
  { status: found, body }: Exclude<Answer, { failure: string }>,
  { status, contains }: { status: number | undefined; contains: string | undefined },
): string | undefined {
  // As JSON, so that an answer is one line whatever is in it.
  const said = JSON.stringify(body.slice(0, excerptLength));
  const wanted = status ?? '2xx';
  if (status === undefined ? found < 200 || found > 299 : found !== status)
    return `answered ${found}, not ${wanted}: ${said}`;
  if (contains !== undefined && !body.includes(contains))
    return `answered ${found} without ${JSON.stringify(contains)}: ${said}`;
  return undefined;
}
