import { parseEnvironment, renderSummary, resume } from '../../../pipeline/mod.ts';
import { defineLeaf } from '../../leaf.ts';
import { remoteApplication } from '../../remote-application.ts';
import * as shared from '../../shared-inputs.ts';

export const leaf = defineLeaf({
  description: 'Ends the hold of a rollback, so that promotions pass again. Changes nothing that runs.',
  inputs: {
    ...shared.token,
    ...shared.directory,
    ...shared.place,
    ...shared.environment,
    reason: { description: 'Why, for the history.' },
  },
  outputs: { environment: 'The name of the environment.', kind: '`resumed`, or `not-held`.' },
  async run({ target, region, registry, directory, reason, ...inputs }, runner) {
    const { name: application } = await remoteApplication(runner.run.sha, directory, runner);
    const environment = parseEnvironment(application, inputs.environment);
    const ports = await runner.open({ target, region, registry, application });
    const result = await resume({ environment, ...(reason !== undefined && { reason }) }, ports);
    const outputs = { environment: environment.name, kind: result.kind };
    const summary = renderSummary({ of: 'resume', environment, result });
    if (result.kind === 'resumed') return { outputs, summary };
    return { outputs, summary, notice: `Nothing changed: ${environment.name} was not held.` };
  },
});
