import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from '@jest/globals';
import { Engine, type EngineOptions } from '../../../runtime/storage/cache/engine/engine.ts';
import { type EngineReply, ReplyError } from '../../../runtime/storage/cache/engine/reply.ts';

/** An engine whose clock stands still until it is moved, and whose chance is the same each time. */
function engineAt(options: Partial<EngineOptions> = {}) {
  let [now, seed] = [1_000_000, 42];
  const random = () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return seed / 2 ** 31;
  };
  const engine = new Engine({ clock: () => now, random, ...options });
  return {
    engine,
    wait: (milliseconds: number) => {
      now += milliseconds;
    },
    run: (...lines: string[]): EngineReply | ReplyError => engine.run(lines.map((line) => line.split(' '))).at(-1)!,
  };
}

const thrown = (work: () => unknown): string => {
  try {
    work();
    return 'nothing';
  } catch (error) {
    return (error as Error).message;
  }
};

test('a key is there up to the millisecond before it expires', () => {
  const { run, wait } = engineAt();
  run('SET a x PX 1000');
  wait(999);
  expect([run('GET a'), run('PTTL a')]).toEqual(['x', 1]);
  wait(1);
  expect([run('GET a'), run('PTTL a'), run('PERSIST a'), run('PEXPIRE a 5')]).toEqual([null, -2, 0, 0]);
});

test('what has expired goes by itself, and not what was given more time', () => {
  const { engine, run, wait } = engineAt();
  for (let index = 0; index < 1000; index++) run(`SET k${index} x PX 10`);
  for (let index = 0; index < 500; index++) run(`PEXPIRE k${index} 5000`);
  run('PERSIST k0');
  wait(10);
  for (let index = 0; index < 10; index++) run('GET other');
  expect(engine.size).toBe(500);
  wait(5000);
  for (let index = 0; index < 10; index++) run('GET other');
  expect([engine.size, run('GET k0')]).toEqual([1, 'x']);
});

test('a key that is given a new time again and again does not grow', () => {
  const { engine, run } = engineAt();
  const before = heap();
  for (let index = 0; index < 200_000; index++) run(`PEXPIRE a ${1000 + index}`, `SET a x PX ${1000 + index}`);
  expect(engine.size).toBe(1);
  expect(heap() - before).toBeLessThan(2_000_000);
});

test('commands of one run see no others in between, and a failing one keeps none from running', () => {
  const { engine } = engineAt();
  const replies = engine.run([
    ['SET', 'a', 'x'],
    ['INCRBY', 'a', '1'],
    ['APPEND', 'a', 'y'],
  ]);
  expect(replies).toEqual([{ status: 'OK' }, new ReplyError('ERR value is not an integer or out of range'), 2]);
});

test('when one is unknown or not complete, none runs', () => {
  const { engine, run } = engineAt();
  expect([
    thrown(() => engine.run([['SET', 'a', 'x'], ['GET']])),
    thrown(() =>
      engine.run([
        ['SET', 'a', 'x'],
        ['FLUSHALL', 'now'],
      ]),
    ),
    run('GET a'),
  ]).toEqual([
    "ERR wrong number of arguments for 'get' command",
    "ERR unknown command 'FLUSHALL', with args beginning with: 'now' ",
    null,
  ]);
});

const room = 1_000_000;
const fill = (run: (...lines: string[]) => unknown, from: number, to: number, more = '') => {
  for (let index = from; index < to; index++) run(`SET k${index} ${'x'.repeat(800)}${more}`);
};

test('without eviction a full cache refuses what needs memory, until something goes', () => {
  const { engine, run, wait } = engineAt({ policy: 'noeviction', maxMemory: room });
  const refused = "OOM command not allowed when used memory > 'maxmemory'.";
  expect(thrown(() => fill(run, 0, 2000))).toBe(refused);
  const { size } = engine;
  for (const line of ['SET new x', 'RPUSH l x', 'SADD s x', 'INCRBY n 1', 'SUNIONSTORE s t'])
    expect(thrown(() => run(line))).toBe(refused);
  expect([run('GET k0'), engine.size, run('PEXPIRE k1 10'), run('DEL k0')]).toEqual(['x'.repeat(800), size, 1, 1]);
  run('SET new x');
  expect(thrown(() => fill(run, 2000, 2100))).toBe(refused);
  wait(10);
  // It expires, and so makes room.
  expect(run('SET new y')).toEqual({ status: 'OK' });
});

test.each(['volatile-lru', 'volatile-lfu', 'volatile-ttl', 'volatile-random'] as const)(
  '%s: keys that do not expire stay, and what does not fit is refused',
  (policy) => {
    const { run } = engineAt({ policy, maxMemory: room });
    fill(run, 0, 200);
    for (let index = 0; index < 2000; index++) run(`SET brief${index} ${'x'.repeat(800)} PX 100000`);
    for (let index = 0; index < 200; index++) expect(run(`STRLEN k${index}`)).toBe(800);
    expect(thrown(() => fill(run, 200, 2000))).toMatch(/^OOM/);
    expect(run('GET brief1999')).toBe(null);
  },
);

test('allkeys-lru: what is used stays, whatever its age', () => {
  const { engine, run } = engineAt({ maxMemory: room });
  fill(run, 0, 500);
  for (let round = 0; round < 40; round++) {
    for (let index = 0; index < 50; index++) run(`GET k${index}`);
    fill(run, 500 + round * 50, 550 + round * 50);
  }
  const stayed = Array.from({ length: 50 }, (_, index) => run(`STRLEN k${index}`)).filter((length) => length === 800);
  expect(stayed.length).toBeGreaterThan(45);
  expect(engine.memory).toBeLessThan(room + 2000);
  expect(run('GET k600')).toBe(null);
});

test('allkeys-lfu: what is used often stays, though others were used later; without use it goes in time', () => {
  const often = () => {
    const { run, wait } = engineAt({ policy: 'allkeys-lfu', maxMemory: room });
    fill(run, 0, 500);
    for (let round = 0; round < 500; round++) for (let index = 0; index < 20; index++) run(`GET k${index}`);
    const stayed = () =>
      Array.from({ length: 20 }, (_, index) => run(`PTTL k${index}`)).filter((left) => left === -1).length;
    return { run, wait, stayed };
  };
  const soon = often();
  fill(soon.run, 500, 4000);
  expect(soon.stayed()).toBe(20);
  const late = often();
  late.wait(24 * 3_600_000);
  fill(late.run, 500, 4000);
  expect(late.stayed()).toBeLessThan(5);
});

test('allkeys-random: any key goes, and as many stay as there is room for', () => {
  const { engine, run } = engineAt({ policy: 'allkeys-random', maxMemory: room });
  fill(run, 0, 3000);
  const stayed = Array.from({ length: 1000 }, (_, index) => run(`PTTL k${index}`)).filter((left) => left === -1);
  expect(engine.size).toBeGreaterThan(800);
  expect(stayed.length).toBeGreaterThan(20);
});

test('volatile-ttl: what would expire first goes first', () => {
  const { run } = engineAt({ policy: 'volatile-ttl', maxMemory: room });
  for (let index = 0; index < 2000; index++) run(`SET k${index} ${'x'.repeat(800)} PX ${10_000_000 - index * 1000}`);
  const gone = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => run(`PTTL k${from + index}`)).filter((left) => left === -2).length;
  expect([gone(0, 800), gone(1100, 1999)]).toEqual([0, 899]);
});

test('memory is given back, whatever a value was made of', () => {
  const { engine, run } = engineAt();
  run('SET a x PX 100', 'APPEND a yy', 'SETRANGE a 10 z', 'PERSIST a', 'INCRBY n 5', 'INCRBYFLOAT n 0.5');
  run('RPUSH l a b c a', 'LREM l 1 a', 'LINSERT l BEFORE c x', 'LSET l 0 longer', 'LTRIM l 0 1', 'LMOVE l m LEFT LEFT');
  run('SADD s a b c', 'SREM s a', 'SPOP s', 'SMOVE s t b', 'SMOVE s t c', 'SUNIONSTORE u s t', 'SDIFFSTORE u u u');
  expect(engine.memory).toBeGreaterThan(0);
  run('DEL a n l m s t u');
  expect([engine.memory, engine.size]).toEqual([0, 0]);
});

/** Bytes that are in use. */
function heap(): number {
  setFlagsFromString('--expose_gc');
  (runInNewContext('gc') as () => void)();
  const { used_heap_size, malloced_memory } = getHeapStatistics();
  return used_heap_size + malloced_memory;
}

test.each([
  ['small values', (run: (line: string) => unknown, index: number) => run(`SET key:${index} ${index}`)],
  ['values that expire', (run: (line: string) => unknown, index: number) => run(`SET key:${index} ${index} PX 100000`)],
  ['items', (run: (line: string) => unknown, index: number) => run(`RPUSH list:${index % 100} item:${index}`)],
  ['members', (run: (line: string) => unknown, index: number) => run(`SADD set:${index % 100} member:${index}`)],
])('the estimate of memory is near what V8 uses for %s', (_what, write) => {
  const { engine, run } = engineAt();
  const before = heap();
  for (let index = 0; index < 100_000; index++) write(run, index);
  const used = heap() - before;
  expect(engine.memory / used).toBeGreaterThan(0.6);
  expect(engine.memory / used).toBeLessThan(1.7);
});

test('random members are all as likely', () => {
  const { engine, run } = engineAt({ random: Math.random });
  run('SADD s a b c d');
  const seen = new Map<string, number>();
  for (let index = 0; index < 4000; index++)
    for (const one of engine.run([['SRANDMEMBER', 's', '2']])[0] as string[]) seen.set(one, (seen.get(one) ?? 0) + 1);
  expect(seen.size).toBe(4);
  for (const count of seen.values()) expect(Math.abs(count - 2000)).toBeLessThan(250);
});

test('what costs the same for one as for many: ends of lists, members, ends of texts', () => {
  const { run } = engineAt();
  const time = (work: () => void) => {
    const began = performance.now();
    work();
    return performance.now() - began;
  };
  // Each would take minutes if it looked at all of the rest.
  const took = time(() => {
    for (let index = 0; index < 100_000; index++) {
      run(`RPUSH l ${index}`, `LPUSH l ${index}`, `SADD s ${index}`, 'APPEND t x', `SETRANGE t ${index} y`);
      if (index % 2 === 0) run('LPOP l', 'LINDEX l -1', 'SRANDMEMBER s', 'GETRANGE t -1 -1');
    }
    for (let index = 0; index < 50_000; index++) run('RPOP l', 'SPOP s');
  });
  expect(took).toBeLessThan(15_000);
  expect([run('LLEN l'), run('SCARD s'), run('STRLEN t')]).toEqual([100_000, 50_000, 100_000]);
});
