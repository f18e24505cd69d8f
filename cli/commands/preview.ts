import { hashSource } from '../../images/bundle/source-hash.ts';
import { preview as bringUp } from '../../pipeline/mod.ts';
import type { Context, Result } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { summarize } from '../summary.ts';
import { openApplication } from '../wiring.ts';

/** Says that the pull request is open with these sources as its head, and wakes the reconciler. */
export async function preview(context: Context, { pr }: { pr: number }): Promise<Result> {
  const { application, config, forge, ports } = await openApplication(context);
  const head = await hashSource(context.directory);
  await forge.openPullRequest({ number: pr, head });
  const request = { application, pullRequest: pr, source: { root: context.directory, head }, config };
  const result = await bringUp(request, ports);
  switch (result.kind) {
    case 'deployed':
    case 'unchanged': {
      const comment = (await forge.commentOn(pr)) ?? '';
      const { document, text } = summarize(result);
      return { document: { ...document, recreated: result.recreated, comment }, text: `${comment.trim()}\n\n${text}` };
    }
    case 'superseded':
      return refused(result, `Pull request ${pr} has moved on to ${result.head}; its own run brings that up.`);
    default:
      return refused(result, `Pull request ${pr} was closed meanwhile: pr-${pr} is gone.`);
  }
}

function refused(document: unknown, text: string): Result {
  return { document, text, exitCode: exitCodes.refused };
}
