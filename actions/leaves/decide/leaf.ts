import { previewLabel, wantsPreview } from '../../../pipeline/mod.ts';
import { defineLeaf } from '../../leaf.ts';
import { pullRequestOf } from '../../pull-request-event.ts';
import { policy, token } from '../../shared-inputs.ts';

export const leaf = defineLeaf({
  description: 'Reads from GitHub whether the pull request shall have a preview, whatever the event said.',
  inputs: { ...token, ...policy },
  outputs: {
    wanted: '`true` when a preview of this very commit is to be brought up.',
    kind: '`wanted`, `superseded` by a newer commit, or why there is to be none: `closed`, `draft`, `bot`, `fork`, `unknown`.',
    trusted: '`false` for runs that GitHub gives no credentials: of forks and of Dependabot.',
    'pull-request': 'The number of the pull request.',
    head: 'The commit that the event is about.',
  },
  async run({ drafts, bots }, { event, run, forge }) {
    const { number, head } = pullRequestOf(event, run);
    const pullRequest = await (await forge()).pullRequest(number);
    const verdict = wantsPreview(pullRequest, { drafts, bots });
    const trusted = pullRequest?.fork !== true && run.actor !== 'dependabot[bot]';
    const outputs = { 'pull-request': String(number), head, trusted: String(trusted) };
    const none = (kind: string, notice: string) => ({
      outputs: { ...outputs, kind, wanted: 'false' },
      summary: notice,
      notice,
    });
    if (!verdict.wanted) return none(verdict.why, `No preview: ${verdict.message}. ${verdict.help}`);
    if (pullRequest && pullRequest.head !== head) return none('superseded', overtaken(pullRequest.head));
    if (!trusted) return none('bot', ofDependabot(number));
    return { outputs: { ...outputs, kind: 'wanted', wanted: 'true' } };
  },
});

function overtaken(head: string): string {
  return `Superseded: the pull request is at ${head.slice(0, 12)} by now, whose own run brings that up.`;
}

function ofDependabot(number: number): string {
  return (
    `No preview of this commit: GitHub gives runs of Dependabot no credentials. ` +
    `Take the label \`${previewLabel}\` off pull request ${number} and set it again.`
  );
}
