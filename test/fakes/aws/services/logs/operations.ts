import { AwsError, type Call, type Operation, type World } from '../../model.ts';
import { page } from '../paging.ts';
import type { Group, LogEvent, Stream } from './model.ts';
import { filterPattern } from './pattern.ts';

const day = 24 * 60 * 60 * 1000;
const retentions = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** By its name, or by its ARN with `:*` at the end or without. */
export function groupArn(nameOrArn: string, { account, region }: Pick<Call, 'account' | 'region'>): string {
  return nameOrArn.startsWith('arn:')
    ? nameOrArn.replace(/:\*$/, '')
    : `arn:aws:logs:${region}:${account}:log-group:${nameOrArn}`;
}

/** "Amazon CloudWatch Logs API Reference". */
export function logOperations(world: World, groups: Map<string, Group>): Record<string, Operation> {
  const find = (input: Named, call: Call): Group => {
    const id = input.logGroupName ?? input.logGroupIdentifier ?? input.resourceArn ?? '';
    const group = groups.get(groupArn(id, call));
    if (!group) throw new AwsError('ResourceNotFoundException', 'The specified log group does not exist.');
    return group;
  };
  const findStream = (input: Named, call: Call): Stream => {
    const stream = find(input, call).streams.get(input.logStreamName ?? '');
    if (!stream) throw new AwsError('ResourceNotFoundException', 'The specified log stream does not exist.');
    return stream;
  };
  const mine = ({ account, region }: Call) =>
    [...groups.values()].filter((one) => one.account === account && one.region === region);
  /** Events that retention leaves. */
  const kept = ({ retention }: Group, { events }: Stream): LogEvent[] =>
    retention === undefined
      ? events
      : events.filter(({ timestamp }) => timestamp > world.clock.now() - retention * day);
  let number = 0;

  return {
    CreateLogGroup(input, call) {
      const name: string = input.logGroupName;
      if (!/^[\w./#-]{1,512}$/.test(name))
        throw new AwsError(
          'InvalidParameterException',
          `1 validation error detected: Value '${name}' at 'logGroupName' failed to satisfy constraint`,
        );
      const arn = groupArn(name, call);
      if (groups.has(arn))
        throw new AwsError('ResourceAlreadyExistsException', 'The specified log group already exists');
      const { account, region } = call;
      const deletionProtection = input.deletionProtectionEnabled ?? false;
      groups.set(arn, {
        name,
        arn,
        account,
        region,
        created: world.clock.now(),
        deletionProtection,
        tags: { ...input.tags },
        streams: new Map(),
      });
    },
    DeleteLogGroup(input, call) {
      const group = find(input, call);
      if (group.deletionProtection)
        throw new AwsError('ValidationException', 'The log group has deletion protection enabled.');
      groups.delete(group.arn);
    },
    DescribeLogGroups(input, call) {
      const { logGroupNamePrefix = '', logGroupNamePattern = '' } = input;
      const all = mine(call)
        .filter(({ name }) => name.startsWith(logGroupNamePrefix) && name.includes(logGroupNamePattern))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
      const { items, next } = page(all, input.nextToken, input.limit ?? 50);
      return { logGroups: items.map(groupOutput), ...(next && { nextToken: next }) };
    },
    PutRetentionPolicy(input, call) {
      if (!retentions.includes(input.retentionInDays))
        throw new AwsError(
          'InvalidParameterException',
          `1 validation error detected: Value '${input.retentionInDays}' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: [${retentions.join(', ')}]`,
        );
      find(input, call).retention = input.retentionInDays;
    },
    DeleteRetentionPolicy(input, call) {
      delete find(input, call).retention;
    },
    PutLogGroupDeletionProtection(input, call) {
      find(input, call).deletionProtection = input.deletionProtectionEnabled;
    },
    CreateLogStream(input, call) {
      const { streams } = find(input, call);
      const name: string = input.logStreamName;
      if (streams.has(name))
        throw new AwsError('ResourceAlreadyExistsException', 'The specified log stream already exists');
      streams.set(name, { name, created: world.clock.now(), events: [] });
    },
    DeleteLogStream(input, call) {
      findStream(input, call);
      find(input, call).streams.delete(input.logStreamName);
    },
    DescribeLogStreams(input, call) {
      const { logStreamNamePrefix = '', orderBy = 'LogStreamName', descending = false } = input;
      if (logStreamNamePrefix && orderBy === 'LastEventTime')
        throw new AwsError('InvalidParameterException', 'Cannot order by LastEventTime with a logStreamNamePrefix.');
      const group = find(input, call);
      const last = ({ events, created }: Stream) => events.at(-1)?.timestamp ?? created;
      const all = [...group.streams.values()]
        .filter(({ name }) => name.startsWith(logStreamNamePrefix))
        .sort((a, b) => (orderBy === 'LastEventTime' ? last(a) - last(b) : a.name < b.name ? -1 : 1));
      const { items, next } = page(descending ? all.reverse() : all, input.nextToken, input.limit ?? 50);
      return { logStreams: items.map((one) => streamOutput(group, one)), ...(next && { nextToken: next }) };
    },
    // "PutLogEvents": what is more than two hours ahead or older than 14 days is refused, without an error.
    PutLogEvents(input, call) {
      const stream = findStream(input, call);
      const now = world.clock.now();
      const events: { timestamp: number; message: string }[] = input.logEvents;
      const ahead = events.findIndex(({ timestamp }) => timestamp > now + 2 * 60 * 60 * 1000);
      const old = events.findLastIndex(({ timestamp }) => timestamp < now - 14 * day);
      const taken = events.slice(old + 1, ahead < 0 ? events.length : ahead);
      for (const { timestamp, message } of taken) {
        number += 1;
        stream.events.push({ id: String(number).padStart(56, '0'), timestamp, ingested: now, message });
      }
      stream.events.sort((a, b) => a.timestamp - b.timestamp || (a.id < b.id ? -1 : 1));
      const rejected = {
        ...(ahead >= 0 && { tooNewLogEventStartIndex: ahead }),
        ...(old >= 0 && { tooOldLogEventEndIndex: old + 1 }),
      };
      return {
        nextSequenceToken: String(number).padStart(56, '0'),
        ...(Object.keys(rejected).length > 0 && { rejectedLogEventsInfo: rejected }),
      };
    },
    // "GetLogEvents": at its end it answers the token that it was given.
    GetLogEvents(input, call) {
      const {
        startTime = 0,
        endTime = Number.POSITIVE_INFINITY,
        limit = 10_000,
        startFromHead = false,
        nextToken,
      } = input;
      const events = kept(find(input, call), findStream(input, call)).filter(
        ({ timestamp }) => timestamp >= startTime && timestamp < endTime,
      );
      const [direction, place] = nextToken?.split('/') ?? [startFromHead ? 'f' : 'b', undefined];
      const after = place === undefined ? 0 : events.findLastIndex(({ id }) => id <= place) + 1;
      const before = place === undefined ? events.length : events.filter(({ id }) => id < place).length;
      const items =
        direction === 'f' ? events.slice(after, after + limit) : events.slice(Math.max(0, before - limit), before);
      const [first, last] = [items[0]?.id ?? place ?? '0', items.at(-1)?.id ?? place ?? '0'];
      return {
        events: items.map(({ timestamp, ingested, message }) => ({ timestamp, ingestionTime: ingested, message })),
        nextForwardToken: `f/${last}`,
        nextBackwardToken: `b/${first}`,
      };
    },
    FilterLogEvents(input, call) {
      const {
        startTime = 0,
        endTime = Number.POSITIVE_INFINITY,
        logStreamNames,
        logStreamNamePrefix,
        limit = 10_000,
      } = input;
      if (logStreamNames && logStreamNamePrefix)
        throw new AwsError('InvalidParameterException', 'logStreamNames and logStreamNamePrefix cannot both be given.');
      const group = find(input, call);
      const passes = filterPattern(input.filterPattern);
      const all = [...group.streams.values()]
        .filter(({ name }) =>
          logStreamNames ? logStreamNames.includes(name) : name.startsWith(logStreamNamePrefix ?? ''),
        )
        .flatMap((stream) => kept(group, stream).map((event) => ({ ...event, logStreamName: stream.name })))
        .filter(({ timestamp, message }) => timestamp >= startTime && timestamp <= endTime && passes(message))
        .sort((a, b) => a.timestamp - b.timestamp || (a.id < b.id ? -1 : 1));
      const { items, next } = page(all, input.nextToken, limit);
      const events = items.map(({ id, timestamp, ingested, message, logStreamName }) => ({
        logStreamName,
        timestamp,
        message,
        ingestionTime: ingested,
        eventId: id,
      }));
      return { events, searchedLogStreams: [], ...(next && { nextToken: next }) };
    },
    TagResource(input, call) {
      Object.assign(find(input, call).tags, input.tags);
    },
    UntagResource(input, call) {
      const { tags } = find(input, call);
      for (const key of input.tagKeys) delete tags[key];
    },
    ListTagsForResource: (input, call) => ({ tags: find(input, call).tags }),
  };
}

interface Named {
  logGroupName?: string;
  logGroupIdentifier?: string;
  resourceArn?: string;
  logStreamName?: string;
}

function groupOutput({ name, arn, created, retention, streams, deletionProtection }: Group) {
  const storedBytes = [...streams.values()]
    .flatMap(({ events }) => events)
    .reduce((sum, { message }) => sum + Buffer.byteLength(message) + 26, 0);
  return {
    logGroupName: name,
    creationTime: created,
    ...(retention !== undefined && { retentionInDays: retention }),
    metricFilterCount: 0,
    arn: `${arn}:*`,
    logGroupArn: arn,
    logGroupClass: 'STANDARD',
    deletionProtectionEnabled: deletionProtection,
    storedBytes,
  };
}

function streamOutput({ arn }: Group, { name, created, events }: Stream) {
  const [first, last] = [events[0], events.at(-1)];
  return {
    logStreamName: name,
    creationTime: created,
    arn: `${arn}:log-stream:${name}`,
    storedBytes: 0,
    ...(first && { firstEventTimestamp: first.timestamp }),
    ...(last && { lastEventTimestamp: last.timestamp, lastIngestionTime: last.ingested }),
  };
}
