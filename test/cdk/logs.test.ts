import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Clients, openClients } from '../../cdk/clients.ts';
import { readLogs } from '../../cdk/logs.ts';
import type { LogOptions } from '../../pipeline/mod.ts';
import { type FakeAws, makeFakeAws } from '../fakes/aws/fake.ts';

const group = '/fairlead/shop/production';
const [minute, day] = [60_000, 86_400_000];

let aws: FakeAws;
let clients: Clients;
beforeEach(async () => {
  aws = await makeFakeAws({ clock: 'manual' });
  clients = openClients(aws.env);
  const logs = await clients.logs();
  await logs.createLogGroup({ logGroupName: group });
  await logs.createLogStream({ logGroupName: group, logStreamName: 'app/app/1' });
  // One a day long ago, then one a minute.
  const now = aws.world.clock.now();
  const times = [...[3, 2].map((days) => now - days * day), ...[5, 4, 3, 2, 1].map((ago) => now - ago * minute)];
  await logs.putLogEvents({
    logGroupName: group,
    logStreamName: 'app/app/1',
    logEvents: times.map((timestamp, index) => ({ timestamp, message: `line ${index}` })),
  });
});
afterEach(async () => {
  await clients.close();
  await aws.dispose();
});

async function read(options: Partial<LogOptions>): Promise<string[]> {
  const time = { now: () => new Date(aws.world.clock.now()), wait: async () => {} };
  const lines: string[] = [];
  for await (const { text } of readLogs({ clients, time }, group, { follow: false, ...options })) lines.push(text);
  return lines;
}

/** How far back it was looked, in minutes; undefined: to the start. */
function looks(): (number | undefined)[] {
  return aws.world.journal
    .filter(({ operation }) => operation === 'FilterLogEvents')
    .map(({ input }) => (input as { startTime?: number }).startTime)
    .map((start) => (start === undefined ? undefined : Math.round((aws.world.clock.now() - start) / minute)));
}

test('the last lines are looked for where they are, and not from the start', async () => {
  expect(await read({ tail: 2 })).toEqual(['line 5', 'line 6']);
  expect(looks()).toEqual([10]);
});

test('when there are not enough of late, it is looked further back', async () => {
  expect(await read({ tail: 6 })).toEqual(['line 1', 'line 2', 'line 3', 'line 4', 'line 5', 'line 6']);
  expect(looks()).toEqual([10, 60, 1440, undefined]);
});

test('lines of a while are read from its beginning', async () => {
  const since = new Date(aws.world.clock.now() - 3 * minute);
  expect(await read({ since })).toEqual(['line 4', 'line 5', 'line 6']);
  expect(await read({ since, tail: 5 })).toEqual(['line 4', 'line 5', 'line 6']);
  expect(looks()).toEqual([3, 3]);
});

test('whoever follows without former lines gets none', async () => {
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 50);
  expect(await read({ tail: 0, follow: true, signal: stop.signal })).toEqual([]);
  expect(looks().every((back) => back !== undefined && back <= 10)).toBe(true);
});

test('all there is is read when nobody says less', async () => {
  expect(await read({})).toHaveLength(7);
});
