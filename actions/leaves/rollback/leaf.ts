import { code, plain } from '../../../pipeline/markdown.ts';
import { parseEnvironment, type RollbackResult, rollback, shortDigest } from '../../../pipeline/mod.ts';
import { deployedOutputs, listChanges, outputsOf, planDigest, summaryOf } from '../../deployed-summary.ts';
import { defineLeaf, type LeafResult } from '../../leaf.ts';
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
    from: { description: 'Only if this release answers there: whoever wants back from it must not undo another.' },
    reason: { description: 'Why, for those whose promotion is held meanwhile.' },
    'dry-run': { description: 'Whether to plan only.', type: 'boolean', default: 'false' },
  },
  outputs: {
    ...deployedOutputs,
    kind: '`rolled-back`, `planned` by a dry run, `held` since it was rolled back already, or `superseded`: another release answers than the one to go back from.',
  },
  async run({ target, region, registry, directory, release, reason, 'dry-run': dryRun, from, ...inputs }, runner) {
    const { name: application, config } = await remoteApplication(runner.run.sha, directory, runner);
    const environment = parseEnvironment(application, inputs.environment);
    const ports = await runner.open({ target, region, registry, application });
    const request = {
      ...{ environment, config, dryRun },
      ...(release !== undefined && { to: release }),
      ...(reason !== undefined && { reason }),
      ...(from !== undefined && { from }),
    };
    return resultOf(await rollback(request, ports), environment.name);
  },
});

function resultOf(result: RollbackResult, name: string): LeafResult {
  if (result.kind === 'superseded') {
    const notice = `Nothing changed: ${name} runs ${result.by} by now, not the release to go back from.`;
    return { outputs: { kind: 'superseded', environment: name, release: result.by }, summary: notice, notice };
  }
  if (result.kind === 'held') {
    const { release, at } = result.by;
    const to = release ? ` to ${shortDigest(release)}` : '';
    const notice = `Nothing changed: ${name} was already rolled back${to} at ${at} and is held. Name a release to go back further, or resume.`;
    return {
      outputs: { kind: 'held', environment: name, ...(release && { release }) },
      summary: plain(notice),
      notice,
    };
  }
  const { kind, from, plan, outcome } = result;
  if (outcome) {
    const held = `${code(name)} is held: promotions do nothing until someone resumes.`;
    return { outputs: outputsOf({ kind, plan, outcome }), summary: `${summaryOf({ kind, plan, outcome })}\n\n${held}` };
  }
  const { release, changes } = plan;
  return {
    outputs: { kind, environment: name, release: release.digest, plan: planDigest(plan) },
    summary: [
      `### ${code(name)} would go back from ${code(shortDigest(from))} to ${code(shortDigest(release.digest))}`,
      listChanges(changes),
    ].join('\n\n'),
  };
}
