import { UserError } from '../analyzer/diagnostic.ts';
import type { Diagnostic } from '../analyzer/mod.ts';
import type { Config } from './config.ts';
import { drawUp, standingOf } from './draw-up.ts';
import { type Environment, parseEnvironment } from './environment.ts';
import type { Plan } from './plan.ts';
import type { Outcome, Ports, Review } from './ports.ts';
import { costOf } from './prices.ts';
import type { Digest } from './release.ts';
import { renderComment } from './render-comment.ts';
import { changesDigest } from './reviewed.ts';
import type { CommentContext, Telling } from './tell/content.ts';

/** The pull request that is told, and of what. */
interface Told {
  application: string;
  pullRequest: number;
  config: Config;
  telling?: Telling;
}

/** Says on the comment of a preview that is there that it will be another; a first one is told of when it is there. */
export async function tellStart(
  environment: Environment,
  { pullRequest, telling }: Told,
  { target, forge, report }: Ports,
): Promise<void> {
  try {
    const deployed = await target.read(environment);
    if (!deployed) return;
    const url = deployed.state === 'running' ? deployed.url : undefined;
    const comment = renderComment({
      state: 'started',
      environment,
      ...(url !== undefined && { url }),
      ...(telling?.links && { links: telling.links }),
    });
    await forge.comment(pullRequest, comment);
  } catch (error) {
    report.warn(`The pull request could not be told: ${error instanceof Error ? error.message : error}`);
  }
}

/** Shows people where it is and what merging changes in production. Returns what they were shown. */
export async function tellSuccess(
  plan: Plan,
  { url }: Outcome,
  recreated: readonly Diagnostic[],
  { application, pullRequest, config, telling }: Told,
  begin: Date,
  ports: Ports,
): Promise<Review> {
  const standing = await standingOf(parseEnvironment(application, 'production'), ports);
  const { live, environment } = standing;
  const { plan: production, refusals } = drawUp(plan.release, config, standing);
  const before = live?.content.graph;
  const cost = await costOf(production, ports);
  const now = ports.clock.now();
  const comment = renderComment({
    state: 'deployed',
    plan,
    url,
    production,
    ...(before && { before }),
    refusals,
    recreated,
    ...(cost && { cost }),
    milliseconds: now.getTime() - begin.getTime(),
    ...contextOf(telling, now),
  });
  await ports.forge.comment(pullRequest, comment);
  const changes = changesDigest(production.changes);
  return { environment: environment.name, ...(live && { against: live.digest }), changes };
}

/** Says why it is not what it should be, and what answers instead. `release` is what it should have become, as far as that is known. */
export async function tellFailure(
  environment: Environment,
  error: unknown,
  { telling, release }: Pick<Told, 'telling'> & { release?: Digest },
  { forge, target, clock, report }: Ports,
): Promise<void> {
  try {
    const deployed = await target.read(environment);
    const url = deployed?.state === 'running' ? deployed.url : undefined;
    const isUp = release !== undefined && deployed?.release === release;
    const diagnostics = error instanceof UserError ? error.diagnostics : [];
    const comment = renderComment({
      state: 'failed',
      environment,
      diagnostics,
      ...(url !== undefined && { url, isUp }),
      ...contextOf(telling, clock.now()),
    });
    if (environment.pullRequest !== undefined) await forge.comment(environment.pullRequest, comment);
  } catch (second) {
    // The first error is the one that matters.
    report.warn(`The pull request could not be told: ${second instanceof Error ? second.message : second}`);
  }
}

function contextOf(telling: Telling | undefined, now: Date): CommentContext {
  // What goes on while it is told has come to no end yet.
  const phases = telling?.phases?.().filter(({ milliseconds }) => milliseconds !== undefined);
  return {
    at: now.toISOString(),
    ...(telling?.links && { links: telling.links }),
    ...(phases && { phases }),
  };
}
