import { UserError } from '../analyzer/diagnostic.ts';
import { type Config, smokeFor } from './config.ts';
import { standingOf } from './draw-up.ts';
import type { Environment } from './environment.ts';
import { schemaObstacles } from './migrations.ts';
import type { Plan } from './plan.ts';
import { planKept } from './plan-kept.ts';
import type { Outcome, Ports } from './ports.ts';
import { type Digest, shortDigest } from './release.ts';
import { smokeTest } from './smoke.ts';

/** Tries out what answers at a URL. Returns what is wrong, a sentence each without a full stop; empty when nothing is. */
export type Check = (url: string) => Promise<string[]>;

/** The smoke test of an environment: its URLs, and then `check`. Undefined when there is nothing to try. */
export function verifierOf(
  environment: Environment,
  config: Config,
  check: Check | undefined,
  ports: Pick<Ports, 'prober' | 'clock' | 'report'>,
): Check | undefined {
  const smoke = smokeFor(config, environment);
  const urls = smoke?.urls ?? [];
  if (!smoke || (urls.length === 0 && !check)) return check;
  return (url) =>
    ports.report.step('Smoke test', async () => {
      const wrong = await smokeTest(url, smoke, ports);
      return wrong.length > 0 || !check ? wrong : check(url);
    });
}

/**
 * Applies a plan and tries out what comes up. When that does not do what it should, the former release is brought back, unless
 * the target has done so itself.
 * @throws UserError FL3018 with what was wrong, and what answers now
 */
export async function applyVerified(
  plan: Plan,
  check: Check,
  back: { former: Digest | undefined; config: Config },
  ports: Pick<Ports, 'target' | 'forge' | 'registry' | 'report'>,
): Promise<Outcome> {
  let wrong: string[] = [];
  const verify = refusing(plan, async (url) => {
    wrong = await check(url);
    return wrong;
  });
  try {
    return await ports.target.apply(plan, ports.report, { verify });
  } catch (error) {
    if (wrong.length === 0) throw error;
    throw smokeFailure(plan, wrong, await putBack(plan, back, ports));
  }
}

/** What came of bringing the former release back, in a sentence without a full stop. */
async function putBack(
  { environment, release }: Plan,
  { former, config }: { former: Digest | undefined; config: Config },
  ports: Pick<Ports, 'target' | 'forge' | 'registry' | 'report'>,
): Promise<string> {
  const { target, registry, report } = ports;
  const stays = `${shortDigest(release.digest)} stays`;
  try {
    const standing = await standingOf(environment, ports);
    const answering = standing.deployed?.release;
    if (answering !== release.digest) return answering ? `${shortDigest(answering)} answers again` : 'nothing answers';
    if (former === undefined) return `${stays}: nothing ran there before`;
    if (former === release.digest) return `${stays}: it ran there before`;
    const kept = await registry.get(former);
    if (!kept) return `${stays}: the former one, ${former}, is no longer kept`;
    const [obstacle] = schemaObstacles(kept, standing.applied);
    if (obstacle) return `${stays}: ${obstacle.message}`;
    const plan = planKept(kept, config, standing, report);
    await report.step('Bring the former release back', () => target.apply(plan, report));
    return `${shortDigest(former)} answers again`;
  } catch (error) {
    // What was wrong with the new release is what matters more.
    return `the former release could not be brought back: ${error instanceof Error ? error.message : error}`;
  }
}

/** As a target wants it: throws FL3018 when something is wrong. */
export function refusing(plan: Plan, check: Check): (url: string) => Promise<void> {
  return async (url) => {
    const wrong = await check(url);
    if (wrong.length > 0) throw smokeFailure(plan, wrong, `${shortDigest(plan.release.digest)} stays`);
  };
}

function smokeFailure({ environment: { name } }: Plan, wrong: readonly string[], consequence: string): UserError {
  return new UserError({
    code: 'FL3018',
    severity: 'error',
    message: [`the smoke test of ${name} failed; ${consequence}`, ...wrong.map((line) => `  - ${line}`)].join('\n'),
    help: 'Mend what it says and deploy again, or mend `smoke` in fairlead.json where it expects the wrong thing.',
  });
}
