import { type Cleaned, cleanup, renderSummary } from '../../../pipeline/mod.ts';
import { defineLeaf, type LeafResult } from '../../leaf.ts';
import { leftOvers } from '../../left-over.ts';
import { previewsOf } from '../../previews.ts';
import type { Event } from '../../runner.ts';
import * as shared from '../../shared-inputs.ts';

export const leaf = defineLeaf({
  description:
    'Removes the previews that no open pull request wants or whose time is over, of all applications of the repository.',
  inputs: {
    ...shared.token,
    ...shared.place,
    'pull-request': {
      description: 'Only of this one. Without it: of the pull request that the event is about, else of all.',
      type: 'number',
    },
    'dry-run': { description: 'Whether to say only what would go.', type: 'boolean', default: 'false' },
  },
  outputs: {
    previews: 'What became of each preview, as JSON: `[{ "application", "environment", "kind" }]`.',
    kind: '`removed`, `planned` by a dry run, or `nothing` to do.',
  },
  outlives: true,
  async run({ region, registry, 'dry-run': dryRun, ...inputs }, runner) {
    const place = { target: inputs.target, region };
    const number = inputs['pull-request'] ?? numberIn(runner.event);
    const previews = await previewsOf(await runner.target(place), runner.run);
    const wanted = previews
      .map(({ environment }) => environment)
      .filter((one) => (number ?? one.pullRequest) === one.pullRequest);
    const cleaned: Cleaned[] = [];
    for (const [application, environments] of Map.groupBy(wanted, (one) => one.application)) {
      const ports = await runner.open({ ...place, registry, application });
      for (const { pullRequest } of environments) {
        cleaned.push(...(await cleanup({ application, pullRequest, expired: true, dryRun }, ports)));
      }
    }
    return { ...resultOf(cleaned, dryRun), failures: leftOvers(cleaned) };
  },
});

function numberIn({ payload }: Event): number | undefined {
  const { number } = (payload.pull_request ?? {}) as { number?: unknown };
  return typeof number === 'number' ? number : undefined;
}

function resultOf(cleaned: readonly Cleaned[], dryRun: boolean): LeafResult {
  const done = cleaned.some(({ kind }) => kind === 'removed' || kind === 'removable');
  const previews = cleaned.map(({ environment: { application, name }, kind }) => ({
    application,
    environment: name,
    kind,
  }));
  return {
    outputs: { previews: JSON.stringify(previews), kind: !done ? 'nothing' : dryRun ? 'planned' : 'removed' },
    summary: renderSummary({ of: 'cleanup', results: cleaned, dryRun }),
  };
}
