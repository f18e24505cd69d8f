import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLocalForge } from '../../local/mod.ts';
import { application, describeForge } from '../conformance/forge.ts';

describeForge('of this machine', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'fairlead-forge-'));
  const forge = createLocalForge(directory, application);
  let opened = 0;
  let pushed = 0;
  return {
    forge: () => createLocalForge(directory, application),
    open: async ({ title }) => {
      const pullRequest = { number: ++opened, head: `head ${++pushed}`, title };
      await forge.openPullRequest(pullRequest);
      return pullRequest;
    },
    push: async (number) => {
      const head = `head ${++pushed}`;
      await forge.openPullRequest({ number, head });
      return head;
    },
    close: (number) => forge.closePullRequest(number),
    comments: async (number) => {
      const comment = await forge.commentOn(number);
      return comment === undefined ? [] : [comment];
    },
    pass: () => {},
    dispose: async () => rmSync(directory, { recursive: true }),
  };
});
