import type { FaultRule } from '../../fakes/aws/model.ts';
import type { Ec2 } from '../../fakes/aws/services/ec2/ec2.ts';
import type { Ecs } from '../../fakes/aws/services/ecs/model.ts';
import { type Act, pick } from './deeds.ts';
import type { Run } from './run.ts';
import { fill } from './scripts.ts';
import type { Simulation } from './simulation.ts';
import { application } from './sources.ts';

/** What goes wrong. */
export const troubles: Record<string, Act> = {
  'kill at a call': (simulation, which) => onCall(simulation, which, (run) => run.kill()),
  'let credentials expire': (simulation, which) =>
    onCall(simulation, which, (run) => {
      run.session.expires = simulation.now.getTime();
    }),
  throttle: (simulation, which) => {
    const service = pick(['cloudformation', 'ecs', 'ssm', 'tagging', 's3'], which);
    simulation.aws.world.faults.add({
      when: (event) => event.service === service,
      times: 1 + (which % 2),
      effect: { kind: 'error', code: 'ThrottlingException', message: 'Rate exceeded' },
    });
  },
  'refuse to create something': (simulation, which) => onResource(simulation, 'create', which, 1),
  'refuse to update something': (simulation, which) => onResource(simulation, 'update', which, 1),
  'refuse to delete something': (simulation, which) => onResource(simulation, 'delete', which, 1 + (which % 4)),
  'fill a bucket that is to go': ({ aws }, which) => {
    aws.world.faults.add({
      when: ({ operation }) => operation === 'delete AWS::S3::Bucket',
      times: 1 + (which % 2),
      effect: {
        kind: 'do',
        work: () => {
          const buckets = [...aws.world.services.get('s3')!.tagged!()].filter(
            ({ tags }) => tags['fairlead:type'] === 'preview',
          );
          for (const { arn } of buckets) fill(aws, arn.slice(arn.lastIndexOf(':') + 1));
        },
      },
    });
  },
  'keep network interfaces': ({ aws }) => aws.world.service<Ec2>('ec2').interfaces.linger(20 * 60_000),
  'take spare capacity back': ({ aws }, which) => {
    const ecs = aws.world.service<Ecs>('ecs');
    const running = [...ecs.state.tasks.values()].filter(
      ({ view, deployment }) => view.lastStatus === 'RUNNING' && deployment?.service.name.includes('-pr-'),
    );
    const task = pick(running, which);
    if (task) ecs.interruptSpot(task.view.taskArn);
  },
  'remove a secret': async (simulation, which) => {
    const type = which % 2 === 0 ? 'preview' : 'production';
    await simulation.root.secrets.remove(application, 'GREETING', [{ type }]);
  },
  'scale to nothing by hand': async ({ aws, call }, which) => {
    const ecs = aws.world.service<Ecs>('ecs');
    const services = [...ecs.state.services.values()].filter(
      ({ name, status }) => status === 'ACTIVE' && name.includes('-pr-'),
    );
    const service = pick(services, which);
    if (!service) return;
    const input = { cluster: service.cluster.name, service: service.name, desiredCount: 0 };
    await ecs.operations.UpdateService!(input, call);
  },
  'change a queue by hand': async ({ aws, call }, which) => {
    const sqs = aws.world.services.get('sqs')!;
    const queue = pick([...sqs.tagged!()], which);
    if (!queue) return;
    const QueueName = queue.arn.slice(queue.arn.lastIndexOf(':') + 1);
    const { QueueUrl } = (await sqs.operations.GetQueueUrl!({ QueueName }, call)) as { QueueUrl: string };
    await sqs.operations.SetQueueAttributes!({ QueueUrl, Attributes: { VisibilityTimeout: '77' } }, call);
  },
};

/** Does it to the run that was started last, a while from now. */
function onCall(simulation: Simulation, which: number, work: (run: Run) => void): void {
  const run = simulation.runs.findLast(({ isOver }) => !isOver);
  if (!run) return;
  const at = run.calls + 1 + (which % 150);
  const { world } = simulation.aws;
  world.faults.add({
    when: (event) => simulation.callerOf(event) === run && run.calls >= at,
    effect: { kind: 'do', work: () => work(run) },
  });
}

function onResource({ aws }: Simulation, verb: string, which: number, times: number): void {
  let left = which % 12;
  const when: FaultRule['when'] = ({ operation, about }) => {
    if (!operation.startsWith(`${verb} `) || !about?.includes(application)) return false;
    // Of production's own, what cannot be taken back is out of everybody's hands.
    if (left > 0) left -= 1;
    return left === 0;
  };
  aws.world.faults.add({
    when,
    times,
    effect: { kind: 'error', code: 'InvalidRequest', message: 'it cannot be done now' },
  });
}
