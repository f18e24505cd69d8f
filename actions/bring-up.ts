import { code } from '../pipeline/markdown.ts';
import {
  cleanup,
  type Ports,
  type PreviewPolicy,
  type PreviewResult,
  preview,
  previewEnvironment,
  type Unwanted,
} from '../pipeline/mod.ts';
import { outputsOf, summaryOf } from './deployed-summary.ts';
import { handoverDirectory } from './handover-artifact.ts';
import type { LeafResult } from './leaf.ts';
import { refuseLeftOver } from './left-over.ts';
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
  const { number: pullRequest, head, base, policy, isolated = false } = request;
  const { application, config } = handover;
  const source = { root: handoverDirectory(request.directory, runner), head, base };
  const result = await preview({ application, pullRequest, source, config, policy, isolated }, ports);
  return resultOf(result, request, application);
}

/** Removes what is there of a pull request for which nothing was built, because it was to have no preview. */
export async function takeDown({ number, policy }: BringUp, application: string, ports: Ports): Promise<LeafResult> {
  const [cleaned] = await cleanup({ application, pullRequest: number, policy }, ports);
  refuseLeftOver(cleaned ? [cleaned] : []);
  if (!cleaned?.unwanted) return neutral('superseded', `Superseded: a newer run builds pull request ${number}.`);
  return cleaned.kind === 'removed' ? removed(cleaned.environment.name, cleaned) : nothing(cleaned.unwanted);
}

function resultOf(result: PreviewResult, { number }: BringUp, application: string): LeafResult {
  switch (result.kind) {
    case 'deployed':
    case 'unchanged':
      return { outputs: outputsOf(result), summary: summaryOf(result) };
    case 'superseded': {
      const to = result.base === undefined ? '' : ` for ${JSON.stringify(result.base)}`;
      const by = `pull request ${number} is at ${result.head.slice(0, 12)}${to} by now, whose own run brings that up`;
      return neutral('superseded', `Superseded: ${by}.`);
    }
    case 'removed': {
      const environment = previewEnvironment(application, number);
      refuseLeftOver([{ environment, ...result.destroyed }]);
      return removed(environment.name, { unwanted: result.unwanted, removed: result.destroyed.removed });
    }
    case 'nothing':
      return nothing(result.unwanted);
  }
}

function removed(name: string, { unwanted, removed }: { unwanted?: Unwanted; removed: string[] }): LeafResult {
  const why = unwanted ? `: ${unwanted.message}. ${unwanted.help}` : '.';
  const notice = `Removed: ${name} is gone${why}`;
  const summary = [notice, removed.map((what) => `- ${code(what)}`).join('\n')].join('\n\n');
  return { outputs: { kind: 'removed', environment: name }, summary, notice };
}

function nothing({ message, help }: Unwanted): LeafResult {
  return neutral('nothing', `No preview: ${message}. ${help}`);
}

function neutral(kind: string, notice: string): LeafResult {
  return { outputs: { kind }, summary: notice, notice };
}
