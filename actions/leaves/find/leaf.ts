import { type Cleaned, everyPullRequest, expiredPreview, renderSummary, wantsPreview } from '../../../pipeline/mod.ts';
import { defineLeaf } from '../../leaf.ts';
import { previewsOf } from '../../previews.ts';
import * as shared from '../../shared-inputs.ts';

/** GitHub takes at most so many jobs of a matrix; the next sweep removes the others. */
const mostJobs = 256;

export const leaf = defineLeaf({
  description:
    'Lists the pull requests whose previews no one wants or whose time is over, so that a job can remove each.',
  inputs: { ...shared.token, target: shared.place.target, region: shared.place.region },
  outputs: {
    'pull-requests': 'Their numbers, as JSON for a matrix: `[12, 72]`.',
    previews:
      'The previews that exist, as JSON: `[{ "application", "environment", "kind" }]`, where `kind` is `kept` or `removable`.',
  },
  async run({ target, region }, runner) {
    const forge = await runner.forge();
    const found: Cleaned[] = [];
    for (const preview of await previewsOf(await runner.target({ target, region }), runner.run)) {
      const { environment } = preview;
      const wants = wantsPreview(await forge.pullRequest(environment.pullRequest), everyPullRequest);
      const unwanted = wants.wanted ? expiredPreview(preview, runner.clock.now()) : wants;
      const verdict = unwanted ? { kind: 'removable' as const, unwanted } : { kind: 'kept' as const };
      found.push({ environment, ...verdict, removed: [], left: [] });
    }
    const removable = found.filter(({ kind }) => kind === 'removable');
    const numbers = [...new Set(removable.map(({ environment }) => environment.pullRequest))].slice(0, mostJobs);
    const previews = found.map(({ environment: { application, name }, kind }) => ({
      application,
      environment: name,
      kind,
    }));
    return {
      outputs: { 'pull-requests': JSON.stringify(numbers), previews: JSON.stringify(previews) },
      summary: renderSummary({ of: 'cleanup', results: found, dryRun: true }),
    };
  },
});
