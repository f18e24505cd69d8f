import { uploadSarif } from '../../../github/upload-sarif.ts';
import { renderAnalysis } from '../../analysis.ts';
import { defineLeaf } from '../../leaf.ts';
import * as shared from '../../shared-inputs.ts';

export const leaf = defineLeaf({
  description:
    'Analyzes the application, shows what is wrong with it where it is wrong, and what it changes of the infrastructure.',
  inputs: {
    ...shared.token,
    ...shared.directory,
    strict: { description: 'Whether warnings fail the step, too.', type: 'boolean', default: 'false' },
    sarif: {
      description: 'Whether to show the findings in code scanning, which needs `security-events: write`.',
      type: 'boolean',
      default: 'false',
    },
  },
  outputs: {
    errors: 'How many errors there are.',
    warnings: 'How many warnings there are.',
  },
  async run({ directory, strict, sarif }, runner) {
    const { checkout, report } = runner;
    const application = await checkout.application(directory);
    const { graph, diagnostics } = await report.step('Analyze', () => checkout.analyze(application));
    if (sarif)
      await report.step('Upload SARIF', async () => {
        const { repository, sha: commit, ref, workflow } = runner.run;
        const { owner, name: repo } = repository;
        const to = { api: runner.api, owner, repo, commit, ref, grantedIn: `the job in ${workflow}` };
        await uploadSarif(await checkout.sarif(application, diagnostics), to);
      });
    const count = (severity: string) => diagnostics.filter((one) => one.severity === severity).length;
    const outputs = { errors: String(count('error')), warnings: String(count('warning')) };
    const fails = !graph || count('error') > 0 || (strict && diagnostics.length > 0);
    if (!fails) runner.annotate(diagnostics, directory);
    const summary = graph ? await renderAnalysis(application, graph, runner) : '';
    return { outputs, summary, ...(fails && { failures: diagnostics }) };
  },
});
