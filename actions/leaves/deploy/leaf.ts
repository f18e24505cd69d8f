import { bringUp, previewKinds, takeDown } from '../../bring-up.ts';
import { deployedOutputs } from '../../deployed-outputs.ts';
import { buildResults, failedBuild } from '../../failed-build.ts';
import { receiveHandover } from '../../handover-artifact.ts';
import { defineLeaf } from '../../leaf.ts';
import { pullRequestOf } from '../../pull-request-event.ts';
import { remoteApplication } from '../../remote-application.ts';
import * as shared from '../../shared-inputs.ts';

export const leaf = defineLeaf({
  description: 'Brings the preview of a pull request to where the pull request is now: up, up to date, or gone.',
  inputs: {
    ...shared.token,
    ...shared.directory,
    ...shared.place,
    ...shared.handover,
    ...shared.policy,
    build: {
      description: 'How the job that builds has ended, so that the pull request is told when it failed.',
      options: buildResults,
      default: 'success',
    },
  },
  outputs: { ...deployedOutputs, kind: previewKinds },
  async run({ target, region, registry, drafts, bots, directory, handover: digest, build }, runner) {
    const place = { target, region, registry };
    // The number and the head come from the event, which no code of the pull request can write.
    const request = { ...pullRequestOf(runner.event, runner.run), directory, policy: { drafts, bots } };
    if (digest === undefined || build === 'failure') {
      const { name: application, config } = await remoteApplication(request.head, directory, runner);
      const ports = await runner.open({ ...place, application });
      if (build === 'success') return takeDown(request, application, ports, runner);
      return bringUp(request, { application, config }, { ...ports, builder: failedBuild(runner.run) }, runner);
    }
    const handover = await receiveHandover(directory, { digest, commit: request.head }, runner);
    const { application } = handover;
    return bringUp(request, handover, await runner.open({ ...place, application, handover }), runner);
  },
});
