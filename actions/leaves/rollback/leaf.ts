import {
  type Environment,
  type Links,
  parseEnvironment,
  type RollbackResult,
  renderSummary,
  rollback,
  shortDigest,
} from '../../../pipeline/mod.ts';
import { changesDigest } from '../../../pipeline/reviewed.ts';
import { deployedOutputs, outputsOf } from '../../deployed-outputs.ts';
import { defineLeaf, type LeafResult } from '../../leaf.ts';
import { linksOf } from '../../links.ts';
import { remoteApplication } from '../../remote-application.ts';
import * as shared from '../../shared-inputs.ts';

export const leaf = defineLeaf({
  description: 'Brings a former release back to an environment that lives on, and holds it there until a resume.',
  inputs: {
    ...shared.token,
    ...shared.directory,
    ...shared.place,
    ...shared.environment,
    release: { description: 'The digest of the release, or how it begins. Without it: the one before the current.' },
    from: {
      description:
        'Only if this release answers there: whoever wants back from it must not undo another. When another one answers, this one is recorded as failed, so that no rollback goes back to it.',
    },
    reason: { description: 'Why, for those whose promotion is held meanwhile.' },
    ...shared.dataLoss,
    'dry-run': { description: 'Whether to plan only.', type: 'boolean', default: 'false' },
  },
  outputs: {
    ...deployedOutputs,
    kind: '`rolled-back`, `planned` by a dry run, `held` since it was rolled back already, or `superseded`: another release answers than the one to go back from.',
  },
  outlives: true,
  async run({ target, region, registry, directory, release, reason, 'dry-run': dryRun, from, ...inputs }, runner) {
    const { name: application, config } = await remoteApplication(runner.run.sha, directory, runner);
    const environment = parseEnvironment(application, inputs.environment);
    const settings = config();
    const allowDataLoss = shared.namesIn(inputs['allow-data-loss']);
    const ports = await runner.open({ target, region, registry, application, config: settings, allowDataLoss });
    const request = {
      ...{ environment, config: settings, dryRun },
      ...(release !== undefined && { to: release }),
      ...(reason !== undefined && { reason }),
      ...(from !== undefined && { from }),
    };
    return resultOf(await rollback(request, ports), environment, linksOf(runner.run, directory, runner.run.sha));
  },
});

function resultOf(result: RollbackResult, environment: Environment, links: Links): LeafResult {
  const summary = renderSummary({ of: 'rollback', environment, result, links });
  const { name } = environment;
  switch (result.kind) {
    case 'rolled-back':
    case 'planned': {
      const { kind, plan, outcome } = result;
      if (outcome) return { outputs: outputsOf({ kind, plan, outcome }), summary };
      const { release, changes } = plan;
      return { outputs: { kind, environment: name, release: release.digest, plan: changesDigest(changes) }, summary };
    }
    case 'held': {
      const { release, at } = result.by;
      const to = release ? ` to ${shortDigest(release)}` : '';
      const notice = `Held: ${name} was already rolled back${to} at ${at}. Nothing changed. Name a release to go back further, or resume.`;
      return { outputs: { kind: 'held', environment: name, ...(release && { release }) }, summary, notice };
    }
    case 'superseded': {
      const notice = `Superseded: ${name} runs ${shortDigest(result.by)} by now, not the release to go back from. Nothing changed.`;
      return { outputs: { kind: 'superseded', environment: name, release: result.by }, summary, notice };
    }
  }
}
