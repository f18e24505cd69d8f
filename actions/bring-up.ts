import {
  cleanup,
  type Environment,
  type Ports,
  type PreviewPolicy,
  type PreviewResult,
  preview,
  previewEnvironment,
  renderSummary,
} from '../pipeline/mod.ts';
import { outputsOf } from './deployed-outputs.ts';
import { handoverDirectory } from './handover-artifact.ts';
import type { LeafResult } from './leaf.ts';
import { leftOvers } from './left-over.ts';
import { linksOf } from './links.ts';
import type { EventPullRequest } from './pull-request-event.ts';
import type { Handover, Runner } from './runner.ts';

export interface BringUp extends EventPullRequest {
  /** Of the application in the repository. */
  directory: string;
  policy: PreviewPolicy;
  /** Without the values of secrets. @default false */
  isolated?: boolean;
}

/** What `kind` says of a preview. */
export const previewKinds = '`deployed`, `unchanged`, `superseded` by a newer commit, `removed`, or `nothing` to do.';

/** Brings up what was built, if the pull request still wants it. */
export async function bringUp(
  request: BringUp,
  handover: Pick<Handover, 'application' | 'config'>,
  ports: Ports,
  runner: Runner,
): Promise<LeafResult> {
  const { number: pullRequest, head, base, directory, policy, isolated = false } = request;
  const { application, config } = handover;
  const source = { root: handoverDirectory(directory, runner), head, base };
  const telling = {
    links: linksOf(runner.run, directory, head),
    ...(runner.phases && { phases: () => runner.phases?.() ?? [] }),
  };
  const result = await preview({ application, pullRequest, source, config, policy, isolated, telling }, ports);
  return resultOf(result, previewEnvironment(application, pullRequest), request, runner);
}

/** Removes what is there of a pull request for which nothing was built, because it was to have no preview. */
export async function takeDown(
  request: BringUp,
  application: string,
  ports: Ports,
  runner: Runner,
): Promise<LeafResult> {
  const { number, policy } = request;
  const environment = previewEnvironment(application, number);
  // What keeps GitHub from telling is no fault of the environment's.
  await ports.forge.pullRequest(number);
  const [cleaned] = await cleanup({ application, pullRequest: number, policy }, ports);
  // Nobody could tell whether it is wanted, or removing it failed.
  if (cleaned?.kind === 'left' && !cleaned.unwanted) return { outputs: {}, failures: leftOvers([cleaned]) };
  if (!cleaned?.unwanted) {
    const message = `this run has built nothing for pull request ${number}, and a newer one does`;
    const summary = renderSummary({ of: 'skipped', message, help: 'Nothing is to be done.' });
    return { outputs: { kind: 'superseded' }, summary, notice: `Superseded: ${message}.` };
  }
  const { unwanted, removed, left } = cleaned;
  const result: PreviewResult =
    cleaned.kind === 'removed' || cleaned.kind === 'left'
      ? { kind: 'removed', unwanted, destroyed: { removed, left } }
      : { kind: 'nothing', unwanted };
  return resultOf(result, environment, request, runner);
}

function resultOf(result: PreviewResult, environment: Environment, request: BringUp, { run }: Runner): LeafResult {
  const links = linksOf(run, request.directory, request.head);
  const summary = renderSummary({ of: 'preview', environment, result, links });
  const { name, pullRequest } = environment;
  const ended = { outputs: { kind: result.kind, environment: name }, summary };
  switch (result.kind) {
    case 'deployed':
    case 'unchanged':
      return { outputs: outputsOf(result), summary };
    case 'superseded': {
      const to = result.base === undefined ? '' : ` for ${JSON.stringify(result.base)}`;
      const at = `${result.head.slice(0, 12)}${to}`;
      const notice = `Superseded: pull request ${pullRequest} is at ${at} by now, whose own run brings that up.`;
      return { ...ended, notice };
    }
    case 'removed': {
      const failures = leftOvers([{ environment, ...result.destroyed }]);
      const { message, help } = result.unwanted;
      if (failures.length > 0) return { ...ended, failures };
      return { ...ended, notice: `Removed: ${name} is gone, because ${message}. ${help}` };
    }
    case 'nothing':
      return { ...ended, notice: `No preview: ${result.unwanted.message}. ${result.unwanted.help}` };
  }
}
