import { bringUp, previewKinds, takeDown } from '../../bring-up.ts';
import { deployedOutputs } from '../../deployed-summary.ts';
import { receiveHandover } from '../../handover-artifact.ts';
import { defineLeaf } from '../../leaf.ts';
import { pullRequestOf } from '../../pull-request-event.ts';
import { remoteApplication } from '../../remote-application.ts';
import * as shared from '../../shared-inputs.ts';

export const leaf = defineLeaf({
  description: 'Brings the preview of a pull request to where the pull request is now: up, up to date, or gone.',
  inputs: { ...shared.token, ...shared.directory, ...shared.place, ...shared.handover, ...shared.policy },
  outputs: { ...deployedOutputs, kind: previewKinds },
  async run({ target, region, registry, drafts, bots, directory, handover: digest }, runner) {
    const place = { target, region, registry };
    // The number and the head come from the event, which no code of the pull request can write.
    const request = { ...pullRequestOf(runner.event, runner.run), policy: { drafts, bots } };
    if (digest === undefined) {
      const { name: application } = await remoteApplication(request.head, directory, runner);
      return takeDown(request, application, await runner.open({ ...place, application }));
    }
    const handover = await receiveHandover(directory, { digest, commit: request.head }, runner);
    const { application } = handover;
    return bringUp(request, handover, await runner.open({ ...place, application, handover }), runner);
  },
});
