import { code, plain, prose } from '../../../pipeline/markdown.ts';
import { type PlanResult, parseEnvironment, planEnvironment } from '../../../pipeline/mod.ts';
import { changesDigest } from '../../../pipeline/reviewed.ts';
import { handoverDirectory, receiveHandover } from '../../handover-artifact.ts';
import { defineLeaf } from '../../leaf.ts';
import * as shared from '../../shared-inputs.ts';

export const leaf = defineLeaf({
  description: 'Says what rolling out what was built would change in an environment. Changes nothing that runs.',
  inputs: {
    ...shared.token,
    ...shared.directory,
    ...shared.place,
    ...shared.environment,
    handover: { ...shared.handover.handover, required: true },
  },
  outputs: {
    plan: 'The digest of what would change.',
    release: 'The digest of the release.',
    environment: 'The name of the environment.',
    changes: 'What would change, as JSON: `[{ "action", "kind", "subject", "sentence" }]`.',
  },
  async run({ target, region, registry, directory, handover: digest, ...inputs }, runner) {
    const handover = await receiveHandover(directory, { digest, commit: runner.run.sha }, runner);
    const { application, config } = handover;
    const environment = parseEnvironment(application, inputs.environment);
    const ports = await runner.open({ target, region, registry, application, handover, looking: true });
    const result = await planEnvironment({ environment, root: handoverDirectory(directory, runner), config }, ports);
    const { release, changes } = result.plan;
    return {
      outputs: {
        plan: changesDigest(changes),
        release: release.digest,
        environment: environment.name,
        changes: JSON.stringify(changes.map(({ position: _, ...change }) => change)),
      },
      summary: summaryOf(result),
      failures: result.refusals,
    };
  },
});

/** Of so many changes the summary shows each. */
const most = 500;

function summaryOf({ plan: { environment, changes }, missingSecrets }: PlanResult): string {
  const list = changes.slice(0, most).map(({ action, sentence, danger }) => {
    const sign = { add: '+', change: '~', remove: '-' }[action];
    return `- ${code(sign)} ${prose(sentence)}${danger === undefined ? '' : `: ⚠️ ${plain(danger)}`}`;
  });
  const more = changes.length > most ? [`- … and ${changes.length - most} more`] : [];
  return [
    `### ${code(environment.name)} of ${plain(environment.application)}`,
    changes.length === 0 ? 'The same services and resources as before.' : [...list, ...more].join('\n'),
    ...(missingSecrets.length > 0
      ? [`Without a value there: ${missingSecrets.map((name) => code(name)).join(', ')}.`]
      : []),
  ].join('\n\n');
}
