import { code, plain, table } from '../../../pipeline/markdown.ts';
import { type Release, shortDigest, UserError } from '../../../pipeline/mod.ts';
import { renderAnalysis } from '../../analysis.ts';
import { handoverArtifact, handoverDirectory } from '../../handover-artifact.ts';
import { defineLeaf } from '../../leaf.ts';
import { isUntrusted } from '../../pull-request-event.ts';
import { directory, place } from '../../shared-inputs.ts';

export const leaf = defineLeaf({
  description: 'Analyzes and builds the application, and hands the release over to the job that puts it up.',
  inputs: { ...directory, target: place.target },
  outputs: {
    handover: 'The digest that the next job knows the handover by.',
    release: 'The digest of the release.',
    application: 'The name of the application.',
  },
  async run(inputs, runner) {
    const { checkout, artifacts, report } = runner;
    const application = await checkout.application(inputs.directory);
    const { graph, diagnostics } = await report.step('Check the sources', async () => {
      const { graph, diagnostics } = await checkout.analyze(application);
      if (!graph) throw new UserError(diagnostics);
      return { graph, diagnostics };
    });
    runner.annotate(diagnostics, application.directory);
    const to = handoverDirectory(inputs.directory, runner);
    const { handover, release } = await checkout.build(application, { directory: to, target: inputs.target });
    await report.step('Upload', () => artifacts.upload(handoverArtifact(inputs.directory), to));
    // Where nobody can comment, the page of the job says what changes.
    const changes = isUntrusted(runner.event, runner.run) ? [await renderAnalysis(application, graph, runner)] : [];
    return {
      outputs: { handover, release: release.digest, application: application.name },
      summary: [summaryOf(application.name, release), ...changes].join('\n\n'),
    };
  },
});

function summaryOf(application: string, { digest, content }: Release): string {
  const rows = Object.entries(content.images).map(([key, image]) => [code(key), code(shortDigest(image))]);
  return [
    `### ${plain(application)} is built: release ${code(shortDigest(digest))}`,
    table(['Image', 'Digest'], rows),
  ].join('\n\n');
}
