import { parseConfig, UserError } from '../../../pipeline/mod.ts';
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
    isolated: {
      description:
        'Whether the preview has no secrets. So it is of a fork, whose label is taken for the word of who may write.',
      type: 'boolean',
      default: 'false',
    },
    run: { description: 'Another run that has built it, with `artifact` and `digest`.', type: 'number' },
    artifact: { description: 'The id of the artifact of that run.', type: 'number' },
    digest: { description: 'The digest that GitHub keeps of that artifact.' },
  },
  outputs: { ...deployedOutputs, kind: previewKinds },
  outlives: true,
  async run(
    { target, region, registry, drafts, bots, directory, handover: digest, build, isolated, ...inputs },
    runner,
  ) {
    const place = { target, region, registry };
    const from = originOf(inputs);
    // The number and the head come from the event, which no code of the pull request can write.
    const event = pullRequestOf(runner.event, runner.run);
    const request = { ...event, directory, isolated, policy: { drafts, bots, trusted: isolated } };
    if (build === 'failure' || (digest === undefined && !from)) {
      const { name: application } = await remoteApplication(event.head, directory, runner);
      const ports = await runner.open({ ...place, application });
      if (build === 'success') return takeDown(request, application, ports, runner);
      // Its `fairlead.json` may be why; what is told of a failure asks nothing of it.
      const config = parseConfig('{}', 'fairlead.json');
      return bringUp(request, { application, config }, { ...ports, builder: failedBuild(runner.run) }, runner);
    }
    const expected = { commit: event.head, ...(from ? { from } : { digest: digest! }) };
    const handover = await receiveHandover(directory, expected, runner);
    const { application } = handover;
    return bringUp(request, handover, await runner.open({ ...place, application, handover, isolated }), runner);
  },
});

/** @throws UserError FL6020 when it is said in part only */
function originOf(inputs: { run?: number | undefined; artifact?: number | undefined; digest?: string | undefined }) {
  const { run, artifact, digest } = inputs;
  if (run !== undefined && artifact !== undefined && digest !== undefined) return { run, id: artifact, digest };
  if (run === undefined && artifact === undefined && digest === undefined) return undefined;
  throw new UserError({
    code: 'FL6020',
    severity: 'error',
    message: 'one of the inputs `run`, `artifact` and `digest` is missing',
    help: 'Set all three under `with:` in the workflow, as `actions/leaves/fork` gives them, or none.',
  });
}
