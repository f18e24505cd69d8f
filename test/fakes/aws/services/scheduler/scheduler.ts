import { AwsError, type Call, type Properties, type Service, type World } from '../../model.ts';
import { uuid } from '../../random.ts';
import { callAs, sessionOf } from '../as-role.ts';
import type { Iam } from '../iam/model.ts';
import { actions, alreadyExists, arn, generatedName, tagsOf } from '../keeper.ts';
import { latencies } from '../latencies.ts';
import { keepTo } from '../timetable.ts';
import { seriesOf } from './expression.ts';

interface Schedule {
  arn: string;
  name: string;
  group: string;
  account: string;
  region: string;
  madeAt: number;
  input: ScheduleInput;
  stop: () => void;
}

interface ScheduleInput {
  Name: string;
  GroupName?: string;
  ScheduleExpression: string;
  ScheduleExpressionTimezone?: string;
  State?: 'ENABLED' | 'DISABLED';
  FlexibleTimeWindow: { Mode: string };
  Target: {
    Arn: string;
    RoleArn: string;
    Input?: string;
    DeadLetterConfig?: { Arn?: string };
    SqsParameters?: { MessageGroupId?: string };
  };
}

/** EventBridge Scheduler: sends to queues, and calls the API of AWS, at its times. */
export interface Scheduler extends Service {
  /** What went wrong when a schedule was due. */
  failures: { schedule: string; code: string; at: number }[];
}

export function createScheduler(world: World): Scheduler {
  const schedules = new Map<string, Schedule>();
  const groups = new Map<string, { name: string; arn: string; tags: Record<string, string> }>();
  const failures: Scheduler['failures'] = [];

  const scheduleArn = (call: Pick<Call, 'account' | 'region'>, name: string, group = 'default') =>
    arn('scheduler', call, `schedule/${group}/${name}`);

  function check(
    {
      Name,
      ScheduleExpression,
      ScheduleExpressionTimezone: zone = 'UTC',
      FlexibleTimeWindow,
      Target,
      GroupName,
    }: ScheduleInput,
    call: Call,
  ): void {
    const bad = (message: string) => new AwsError('ValidationException', message);
    if (!/^[0-9a-zA-Z-_.]{1,64}$/.test(Name))
      throw bad(
        `1 validation error detected: Value '${Name}' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[0-9a-zA-Z-_.]+$`,
      );
    if (zone !== 'UTC') throw bad(`The fake has no time zone but UTC: ${zone}`);
    if (FlexibleTimeWindow?.Mode !== 'OFF') throw bad('The fake has no flexible time windows.');
    if (GroupName && GroupName !== 'default' && !groups.has(arn('scheduler', call, `schedule-group/${GroupName}`)))
      throw new AwsError('ResourceNotFoundException', `Schedule group ${GroupName} does not exist.`, 404);
    seriesOf(ScheduleExpression, world.clock.now());
    // User Guide, "Setting up the execution role": checked when a schedule is made.
    const role = world.service<Iam>('iam').findRole(call.account, Target.RoleArn);
    if (!role || !JSON.stringify(JSON.parse(role.trust)).includes('scheduler.amazonaws.com'))
      throw bad('The execution role you provide must allow AWS EventBridge Scheduler to assume the role.');
  }

  function put(input: ScheduleInput, call: Call, madeAt: number): Schedule {
    const { Name: name, GroupName: group = 'default', State = 'ENABLED' } = input;
    const { account, region } = call;
    const schedule: Schedule = {
      arn: scheduleArn(call, name, group),
      name,
      group,
      account,
      region,
      madeAt,
      input,
      stop: () => {},
    };
    schedules.get(schedule.arn)?.stop();
    schedules.set(schedule.arn, schedule);
    if (State === 'ENABLED')
      schedule.stop = keepTo(world, seriesOf(input.ScheduleExpression, madeAt), (due) => fire(schedule, due));
    return schedule;
  }

  async function fire({ arn: own, account, region, input }: Schedule, due: number): Promise<void> {
    const { Target } = input;
    // User Guide, "Adding context attributes to schedules".
    const text = (Target.Input ?? '')
      .replaceAll('<aws.scheduler.scheduled-time>', new Date(due).toISOString().replace(/\.\d+Z$/, 'Z'))
      .replaceAll('<aws.scheduler.schedule-arn>', own)
      .replaceAll('<aws.scheduler.execution-id>', uuid(world.random))
      .replaceAll('<aws.scheduler.attempt-number>', '1');
    const caller = { account, region, principal: sessionOf(Target.RoleArn, 'scheduler', Number.POSITIVE_INFINITY) };
    try {
      const { service, operation, call } = target(Target, text);
      await callAs(world, caller, service, operation, call);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      failures.push({ schedule: own, code: error.code, at: world.clock.now() });
      const dead = Target.DeadLetterConfig?.Arn;
      if (dead) await callAs(world, caller, 'sqs', 'SendMessage', { QueueUrl: urlOf(dead), MessageBody: text });
    }
  }

  const urlOf = (queue: string) => `${world.url}/${queue.split(':').slice(4).join('/')}`;

  /** User Guide, "Managing targets": a queue, or `arn:aws:scheduler:::aws-sdk:SERVICE:ACTION`, whose input has its members in capitals. */
  function target(
    { Arn, SqsParameters }: ScheduleInput['Target'],
    text: string,
  ): { service: string; operation: string; call: object } {
    if (Arn.split(':')[2] === 'sqs')
      return {
        service: 'sqs',
        operation: 'SendMessage',
        call: { QueueUrl: urlOf(Arn), MessageBody: text || '{}', ...SqsParameters },
      };
    const [service = '', action = ''] = Arn.split(':aws-sdk:')[1]?.split(':') ?? [];
    if (!action) throw new AwsError('ValidationException', `The fake schedules nothing for ${Arn}.`);
    const written = Object.entries(JSON.parse(text || '{}') as Properties);
    const members =
      service === 'ecs' ? written.map(([key, value]) => [`${key[0]?.toLowerCase()}${key.slice(1)}`, value]) : written;
    return { service, operation: `${action[0]?.toUpperCase()}${action.slice(1)}`, call: Object.fromEntries(members) };
  }

  function scheduleAt(call: Call, name: string, group?: string): Schedule {
    const found = schedules.get(scheduleArn(call, name, group));
    if (!found) throw new AwsError('ResourceNotFoundException', `Schedule ${name} does not exist.`, 404);
    return found;
  }

  function drop(schedule: Schedule): void {
    schedule.stop();
    schedules.delete(schedule.arn);
  }

  function create(input: ScheduleInput, call: Call): Schedule {
    check(input, call);
    if (schedules.has(scheduleArn(call, input.Name, input.GroupName)))
      throw new AwsError('ConflictException', `Schedule ${input.Name} already exists.`, 409);
    return put(input, call, world.clock.now());
  }

  const passes = (role: unknown) => ({
    action: 'iam:PassRole',
    resource: String(role),
    context: { 'iam:PassedToService': 'scheduler.amazonaws.com' },
  });

  return {
    id: 'scheduler',
    failures,
    authorize(operation, input: Partial<ScheduleInput>, call) {
      const resource = input.Name
        ? operation.endsWith('Group')
          ? arn('scheduler', call, `schedule-group/${input.Name}`)
          : scheduleArn(call, input.Name, input.GroupName)
        : '*';
      return [{ action: `scheduler:${operation}`, resource }, ...(input.Target ? [passes(input.Target.RoleArn)] : [])];
    },
    tagged: () => groups.values(),
    resources: {
      'AWS::Scheduler::Schedule': {
        async create(properties, context) {
          const input = {
            ...properties,
            Name: properties.Name ?? generatedName(context, world.random, 64),
          } as ScheduleInput;
          if (schedules.has(scheduleArn(context, input.Name, input.GroupName))) throw alreadyExists(input.Name);
          const made = create(input, context);
          return { id: made.name, attributes: { Arn: made.arn } };
        },
        async update(id, properties, previous, context) {
          const input = { ...properties, Name: id } as ScheduleInput;
          check(input, context);
          const made = put(input, context, scheduleAt(context, id, previous.GroupName).madeAt);
          return { id, attributes: { Arn: made.arn } };
        },
        async delete(id, { GroupName }, context) {
          const found = schedules.get(scheduleArn(context, id, GroupName));
          if (found) drop(found);
        },
        async read(id, context) {
          const found = [...schedules.values()].find(
            (one) => one.name === id && one.account === context.account && one.region === context.region,
          );
          return structuredClone(found?.input);
        },
        latency: latencies.small,
        wishes(verb, properties, context, id) {
          const resource = scheduleArn(
            context,
            id ?? properties.Name ?? `${context.stack.name}-*`,
            properties.GroupName,
          );
          const own = {
            create: ['CreateSchedule', 'GetSchedule'],
            update: ['UpdateSchedule', 'GetSchedule'],
            delete: ['DeleteSchedule', 'GetSchedule'],
          };
          const wishes = own[verb].map((action) => ({ action: `scheduler:${action}`, resource }));
          return verb === 'delete' ? wishes : [...wishes, passes(properties.Target?.RoleArn)];
        },
      },
      'AWS::Scheduler::ScheduleGroup': {
        async create(properties, context) {
          const name = properties.Name ?? generatedName(context, world.random, 64);
          const group = {
            name,
            arn: arn('scheduler', context, `schedule-group/${name}`),
            tags: tagsOf(properties, context),
          };
          if (groups.has(group.arn)) throw alreadyExists(name);
          groups.set(group.arn, group);
          return { id: name, attributes: { Arn: group.arn, State: 'ACTIVE' } };
        },
        update: async (id, _properties, _previous, context) => ({
          id,
          attributes: { Arn: arn('scheduler', context, `schedule-group/${id}`), State: 'ACTIVE' },
        }),
        /** "Deleting a schedule group": its schedules go with it. */
        async delete(id, _properties, context) {
          groups.delete(arn('scheduler', context, `schedule-group/${id}`));
          for (const one of [...schedules.values()]) if (one.group === id && one.account === context.account) drop(one);
        },
        read: async (id, context) =>
          groups.has(arn('scheduler', context, `schedule-group/${id}`)) ? { Name: id } : undefined,
        latency: latencies.small,
        wishes: actions({
          create: ['scheduler:CreateScheduleGroup', 'scheduler:GetScheduleGroup'],
          update: ['scheduler:TagResource'],
          delete: ['scheduler:DeleteScheduleGroup', 'scheduler:GetScheduleGroup'],
        }),
      },
    },
    operations: {
      CreateSchedule: (input: ScheduleInput, call) => ({ ScheduleArn: create(input, call).arn }),
      UpdateSchedule(input: ScheduleInput, call) {
        check(input, call);
        return { ScheduleArn: put(input, call, scheduleAt(call, input.Name, input.GroupName).madeAt).arn };
      },
      GetSchedule({ Name, GroupName }: { Name: string; GroupName?: string }, call) {
        const { arn: Arn, group, madeAt, input } = scheduleAt(call, Name, GroupName);
        return { State: 'ENABLED', ...input, Arn, GroupName: group, CreationDate: new Date(madeAt) };
      },
      DeleteSchedule: ({ Name, GroupName }: { Name: string; GroupName?: string }, call) =>
        drop(scheduleAt(call, Name, GroupName)),
      ListSchedules: ({ GroupName, NamePrefix = '' }: { GroupName?: string; NamePrefix?: string }, call) => ({
        Schedules: [...schedules.values()]
          .filter(
            (one) =>
              one.account === call.account &&
              one.region === call.region &&
              one.name.startsWith(NamePrefix) &&
              (!GroupName || one.group === GroupName),
          )
          .map((one) => ({
            Arn: one.arn,
            Name: one.name,
            GroupName: one.group,
            State: one.input.State ?? 'ENABLED',
            Target: { Arn: one.input.Target.Arn },
          })),
      }),
    },
    async dispose() {
      for (const one of schedules.values()) one.stop();
    },
  };
}
