import {
  type Config,
  type Environment,
  type Links,
  type PromoteResult,
  parseEnvironment,
  promote,
  renderSummary,
  shortDigest,
  smokeFor,
} from '../../../pipeline/mod.ts';
import { deployedOutputs, outputsOf } from '../../deployed-outputs.ts';
import { handoverDirectory, receiveHandover } from '../../handover-artifact.ts';
import { defineLeaf, type LeafResult } from '../../leaf.ts';
import { linksOf } from '../../links.ts';
import { mergedPullRequest } from '../../merged-pull-request.ts';
import * as shared from '../../shared-inputs.ts';

export const leaf = defineLeaf({
  description: 'Rolls what was built out to an environment that lives on, when its preview has proven it.',
  inputs: {
    ...shared.token,
    ...shared.directory,
    ...shared.place,
    ...shared.environment,
    handover: { ...shared.handover.handover, required: true },
    proof: {
      description:
        'Whether only a release that ran in a preview is rolled out (`required`), or the summary says whether it did.',
      default: 'required',
      options: ['required', 'preferred'],
    },
    ...shared.dataLoss,
    accept: { description: 'The digest of a release that is let through by hand, or its first 12 digits or more.' },
  },
  outputs: {
    ...deployedOutputs,
    kind: '`deployed`, `unchanged`, `superseded` by a later commit, or `held` by a rollback.',
    smoke: 'The command that `fairlead.json` names to try the environment with, when there is something new to try.',
  },
  outlives: true,
  async run({ target, region, registry, directory, handover: digest, proof, accept, ...inputs }, runner) {
    const { sha: commit } = runner.run;
    const handover = await receiveHandover(directory, { digest, commit }, runner);
    const { application, config } = handover;
    const environment = parseEnvironment(application, inputs.environment);
    const allowDataLoss = shared.namesIn(inputs['allow-data-loss']);
    const ports = await runner.open({ target, region, registry, application, handover, allowDataLoss });
    const pullRequest = await mergedPullRequest(runner);
    const request = {
      ...{ environment, root: handoverDirectory(directory, runner), config, commit, proof },
      ...(accept !== undefined && { accept }),
      ...(pullRequest !== undefined && { pullRequest }),
    };
    return resultOf(await promote(request, ports), {
      environment,
      config,
      links: linksOf(runner.run, directory, commit),
    });
  },
});

interface Promoted {
  environment: Environment;
  config: Config;
  links: Links;
}

function resultOf(result: PromoteResult, { environment, config, links }: Promoted): LeafResult {
  const summary = renderSummary({ of: 'promote', environment, result, links });
  switch (result.kind) {
    case 'deployed':
      return { outputs: { ...outputsOf(result), smoke: smokeFor(config, environment)?.command ?? '' }, summary };
    case 'unchanged':
      return { outputs: outputsOf(result), summary };
    default: {
      const { kind } = result;
      return { outputs: { kind, environment: environment.name }, summary, notice: noticeOf(result, environment.name) };
    }
  }
}

function noticeOf(result: Extract<PromoteResult, { kind: 'held' | 'superseded' }>, name: string): string {
  if (result.kind === 'superseded') {
    const { release, commit } = result.by;
    return `Superseded: ${name} runs release ${shortDigest(release)} of the later commit ${commit.slice(0, 12)} already. Nothing changed.`;
  }
  const { release, reason, at } = result.by;
  const to = release ? ` to ${shortDigest(release)}` : '';
  const why = reason ? ` (${reason})` : '';
  return `Held: ${name} was rolled back${to} at ${at}${why}. Nothing changed. When promotions may pass again, run the rollback workflow with the action resume, then this one again.`;
}
