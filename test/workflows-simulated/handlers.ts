import { leaves } from '../../actions/leaves.ts';
import { runStep, type StepEnd } from '../../actions/step.ts';
import { checkoutHandler } from '../harness/checkout.ts';
import { identityOf } from '../harness/contexts.ts';
import { type Handler, type StepCall, StepFailure } from '../harness/steps.ts';
import { createRunner, type World } from './runner.ts';
import { isTrusted } from './trust.ts';

/** A step of ours that came to its end. */
export interface Ended {
  call: StepCall;
  leaf: string;
  end: StepEnd;
}

/** What stands for each action and script of the workflows; the leaves are the real ones. */
export function handlersOf(world: World, ended: (one: Ended) => void): Record<string, Handler> {
  const nothing: Handler = async ({ point }) => {
    await point('work');
    return {};
  };
  const ours = Object.entries(leaves).map(([name, load]): [string, Handler] => [
    `$/actions/leaves/${name}`,
    async (call) => {
      const leaf = await load();
      const end = await runStep(leaf, call.inputs, createRunner(call, world));
      ended({ call, leaf: name, end });
      const silent = Object.fromEntries(Object.keys(leaf.outputs).map((key) => [key, '']));
      const outputs = { ...silent, ...end.outputs };
      if (end.failed) throw new StepFailure(end.lines.join('\n'), outputs, undefined);
      return { outputs };
    },
  ]);
  return {
    ...Object.fromEntries(ours),
    'actions/checkout': checkoutHandler(world.repository, world.trees),
    'actions/setup-node': nothing,
    'aws-actions/configure-aws-credentials': async ({ job, point, inputs }) => {
      await point('assume role');
      const claims = identityOf(world.repository, job, 'sts.amazonaws.com');
      job.identities.push(claims);
      const role = inputs['role-to-assume']!.replace(/^.*\/fairlead-/, '');
      const policy = world.policies[role];
      if (!policy || !isTrusted(claims, policy))
        throw new Error('Not authorized to perform sts:AssumeRoleWithWebIdentity');
      world.cloud.roles.set(job, role);
      return {};
    },
    'run: Refuse other events': async () => {
      throw new Error('this event is refused');
    },
    'run: Install packages': async ({ job, point }) => {
      await point('install');
      job.untrusted.push('scripts of packages');
      return {};
    },
    'run: Run the command': async ({ job, point, env }) => {
      await point('smoke test');
      job.untrusted.push(`the command ${env.COMMAND}`);
      if (env.COMMAND === 'false') throw new StepFailure('exit code 1', {}, undefined);
      return {};
    },
  };
}
