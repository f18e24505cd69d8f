import { previewLabel, renderSummary } from '../../../pipeline/mod.ts';
import { findBuild } from '../../fork/find-build.ts';
import { mayWrite } from '../../fork/may-write.ts';
import { withdrawLabel } from '../../fork/withdraw-label.ts';
import { handoverArtifact } from '../../handover-artifact.ts';
import { defineLeaf, type LeafResult } from '../../leaf.ts';
import { pullRequestOf } from '../../pull-request-event.ts';
import type { Runner } from '../../runner.ts';
import * as shared from '../../shared-inputs.ts';

export const leaf = defineLeaf({
  description:
    'Looks whether somebody who may has asked, by the label, for a preview of this very commit of a fork, and what was built of it.',
  inputs: { ...shared.token, ...shared.directory, target: shared.place.target },
  outputs: {
    allowed: '`true` when the preview may be brought up.',
    run: 'The run that has built the commit.',
    artifact: 'The id of the artifact that it has left.',
    digest: 'The digest that GitHub keeps of that artifact.',
  },
  async run({ directory }, runner) {
    const { number, head } = pullRequestOf(runner.event, runner.run);
    const { action, sender, label, labeled, branch, repository } = eventOf(runner);
    if (action === 'synchronize') {
      const now = await (await runner.forge()).pullRequest(number);
      // A later push has a run of its own, and the label may be for what that brought.
      if (now && now.head !== head) return nothing(`pull request ${number} has moved on`, 'Its newest push has a run.');
      return refused(
        number,
        'the label was for another commit',
        `Look at ${head.slice(0, 12)}, and set it again.`,
        runner,
      );
    }
    if (action !== 'labeled' || label !== previewLabel)
      return nothing('no preview of a fork is asked for', 'Nothing is to be done.');
    if (!(await mayWrite(sender, runner)))
      return refused(
        number,
        `${sender} may not write to this repository`,
        'Ask somebody who may to set the label.',
        runner,
      );
    const truth = await (await runner.forge()).pullRequest(number);
    if (truth?.state !== 'open')
      return refused(number, `pull request ${number} is closed`, 'Open it again, and set the label again.', runner);
    if (truth.head !== head)
      return refused(
        number,
        `pull request ${number} is at ${truth.head.slice(0, 12)} by now`,
        'Look at that commit, and set the label again.',
        runner,
      );
    if (truth.fork !== true)
      return nothing(`pull request ${number} is of this repository`, 'Its own run brings its preview up.');
    const wanted = { head, branch, repository, before: labeled, artifact: handoverArtifact(directory) };
    const build = await findBuild(wanted, runner);
    if (!build)
      return refused(
        number,
        `no run had built ${head.slice(0, 12)} when the label was set`,
        'Wait until the run of that commit is green, and set the label again. Its artifact is kept for some days.',
        runner,
      );
    const outputs = { run: String(build.run), artifact: String(build.id), digest: build.digest };
    return { outputs: { allowed: 'true', ...outputs } };
  },
});

interface LabelEvent {
  action: unknown;
  sender: string;
  label: unknown;
  /** When it happened, in milliseconds: GitHub touches a pull request when it is labelled. */
  labeled: number;
  /** Where the head is. */
  branch: string;
  repository: number;
}

function eventOf({ event: { payload } }: Runner): LabelEvent {
  const { action, sender, label, pull_request } = payload as {
    action?: unknown;
    sender?: { login?: unknown };
    label?: { name?: unknown };
    pull_request?: { updated_at?: unknown; head?: { ref?: unknown; repo?: { id?: unknown } | null } };
  };
  return {
    action,
    sender: String(sender?.login ?? ''),
    label: label?.name,
    labeled: Date.parse(String(pull_request?.updated_at)),
    branch: String(pull_request?.head?.ref),
    repository: Number(pull_request?.head?.repo?.id),
  };
}

/** The label is taken off, so that it can be set again. */
async function refused(number: number, message: string, help: string, runner: Runner): Promise<LeafResult> {
  await withdrawLabel(number, runner);
  return nothing(message, help);
}

function nothing(message: string, help: string): LeafResult {
  return {
    outputs: { allowed: 'false' },
    summary: renderSummary({ of: 'skipped', message, help }),
    notice: `No preview: ${message}. ${help}`,
  };
}
