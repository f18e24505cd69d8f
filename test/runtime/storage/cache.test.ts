import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { timeToLive } from '../../../runtime/storage/cache/expiry.ts';
import { mapKey } from '../../../runtime/storage/cache/key.ts';
import {
  CacheCluster,
  CacheError,
  CacheKeyExists,
  CacheMiss,
  expireDailyAt,
  expireIn,
  expireInHours,
  expireInMinutes,
  expireInSeconds,
  FloatKeyspace,
  IntKeyspace,
  keepTTL,
  NumberListKeyspace,
  NumberSetKeyspace,
  neverExpire,
  StringKeyspace,
  StringListKeyspace,
  StringSetKeyspace,
  StructKeyspace,
} from '../../../runtime/storage/cache/mod.ts';
import { type Command, provideCaches, type Reply } from '../../../runtime/storage/cache/provider.ts';

/** Transactions that the server was sent, and what it answers the first command of each, in turn. */
let sent: (readonly Command[])[];
let replies: (Reply | Error)[];

beforeEach(() => {
  sent = [];
  replies = [];
  const provider = {
    keyPrefix: 'pr-1:',
    async run(commands: readonly Command[]): Promise<Reply[]> {
      sent.push(commands);
      const reply = replies.shift() ?? null;
      if (reply instanceof Error) throw reply;
      return [reply, ...commands.slice(1).map(() => 1)];
    },
  };
  provideCaches((cluster) => (cluster === 'main' ? provider : undefined));
});
afterEach(() => provideCaches(() => undefined));

const cluster = new CacheCluster('main');
const texts = new StringKeyspace<string>(cluster, { keyPattern: 'texts/:key' });

describe('keys', () => {
  test.each([
    ['a scalar', 'users/:id', 7, 'users/7'],
    ['a flag', ':on/x', true, 'true/x'],
    ['an object', 'users/:id/:page', { id: 'a', page: 2n, more: 'x' }, 'users/a/2'],
    ['a field twice', ':id/:id', { id: 1 }, '1/1'],
    ['slashes in text', 'files/:path', 'a/b', 'files/a\\/b'],
    ['backslashes in text', 'files/:path', 'a\\/b', 'files/a\\\\\\/b'],
  ])('%s', (_what, pattern, key, mapped) => {
    expect(mapKey(pattern, key)).toBe(mapped);
  });

  test('different values never share a key', () => {
    const parts = ['', '/', '\\', '\\/', '/\\', 'a'];
    const keys = parts.flatMap((a) => parts.map((b) => mapKey(':a/:b', { a, b })));
    expect(new Set(keys).size).toBe(parts.length ** 2);
  });

  test.each([
    ['a/b', 'x', 'the key pattern "a/b" does not have exactly one parameter for the key x'],
    [':a/:b', 1, 'the key pattern ":a/:b" does not have exactly one parameter for the key 1'],
    [':a', { b: 1 }, 'the key has no text, number or boolean `a` for the key pattern ":a"'],
    [':toString', {}, 'the key has no text, number or boolean `toString` for the key pattern ":toString"'],
    [':a', { a: {} }, 'the key has no text, number or boolean `a` for the key pattern ":a"'],
    [':key', '__encore', 'keys that begin with "__encore" are reserved: __encore'],
  ])('%s does not fit %p', (pattern, key, message) => {
    expect(() => mapKey(pattern, key)).toThrow(new TypeError(message));
  });
});

describe('expiry', () => {
  const at = (time: string) => Date.parse(`2026-03-01T${time}Z`);

  test.each([
    [expireIn(1500.4), 1500],
    [expireInSeconds(2), 2000],
    [expireInMinutes(2), 120_000],
    [expireInHours(2), 7_200_000],
    [expireDailyAt(4, 30, 15), 30 * 60_000 + 15_000],
    [expireDailyAt(3, 0, 0), 23 * 3_600_000],
    [expireDailyAt(4, 0, 0), 24 * 3_600_000],
    [neverExpire, undefined],
    [keepTTL, undefined],
    [undefined, undefined],
  ])('of %j is %p ms away at four in the morning', (expiry, milliseconds) => {
    expect(timeToLive(expiry, at('04:00:00.000'))).toBe(milliseconds);
  });

  test.each([
    () => expireIn(0),
    () => expireInSeconds(-1),
    () => expireInHours(Number.NaN),
    () => expireInMinutes(Number.POSITIVE_INFINITY),
    () => expireDailyAt(24, 0, 0),
    () => expireDailyAt(0, 60, 0),
    () => expireDailyAt(0, 0, 0.5),
  ])('refuses %p', (make) => {
    expect(make).toThrow(RangeError);
  });

  test('a write by itself has the default of its keyspace, and its own instead when it has one', async () => {
    const brief = new StringKeyspace<string>(cluster, { keyPattern: ':key', defaultExpiry: expireIn(5) });
    await brief.set('a', 'x');
    await brief.set('a', 'x', { expiry: expireIn(6) });
    await brief.with({ expiry: expireIn(7) }).set('a', 'x');
    await brief.with({}).set('a', 'x');
    await brief.set('a', 'x', { expiry: keepTTL });
    await brief.set('a', 'x', { expiry: neverExpire });
    await texts.set('a', 'x');
    expect(sent.flat()).toEqual([
      ['SET', 'pr-1:a', 'x', 'PX', 5],
      ['SET', 'pr-1:a', 'x', 'PX', 6],
      ['SET', 'pr-1:a', 'x', 'PX', 7],
      ['SET', 'pr-1:a', 'x', 'PX', 5],
      ['SET', 'pr-1:a', 'x', 'KEEPTTL'],
      ['SET', 'pr-1:a', 'x'],
      ['SET', 'pr-1:texts/a', 'x'],
    ]);
  });

  test('what is changed in place is given its expiry in one transaction', async () => {
    const lists = new StringListKeyspace<string>(cluster, { keyPattern: ':key', defaultExpiry: expireIn(5) });
    await lists.pushLeft('a', 'x', 'y');
    await lists.popLeft('a', { expiry: neverExpire });
    await lists.trim('a', 0, 1, { expiry: keepTTL });
    await lists.move('a', 'b', 'left', 'right');
    await lists.items('a').catch(() => {});
    expect(sent).toEqual([
      [
        ['LPUSH', 'pr-1:a', 'x', 'y'],
        ['PEXPIRE', 'pr-1:a', 5],
      ],
      [
        ['LPOP', 'pr-1:a'],
        ['PERSIST', 'pr-1:a'],
      ],
      [['LTRIM', 'pr-1:a', 0, 1]],
      [
        ['LMOVE', 'pr-1:a', 'pr-1:b', 'LEFT', 'RIGHT'],
        ['PEXPIRE', 'pr-1:a', 5],
        ['PEXPIRE', 'pr-1:b', 5],
      ],
      [['LRANGE', 'pr-1:a', 0, -1]],
    ]);
  });

  test('a time of day is counted from the write on', async () => {
    jest.useFakeTimers({ now: at('03:59:59.000'), doNotFake: ['nextTick', 'setImmediate'] });
    try {
      await texts.set('a', 'x', { expiry: expireDailyAt(4, 0, 0) });
    } finally {
      jest.useRealTimers();
    }
    expect(sent.flat()).toEqual([['SET', 'pr-1:texts/a', 'x', 'PX', 1000]]);
  });
});

describe('single values', () => {
  const ints = new IntKeyspace<number>(cluster, { keyPattern: 'i/:id' });
  const floats = new FloatKeyspace<number>(cluster, { keyPattern: 'f/:id' });
  const structs = new StructKeyspace<number, { a: number }>(cluster, { keyPattern: 's/:id' });

  test('are read as they were written, and undefined when they are not there', async () => {
    replies = ['7', '1.5', '{"a":1}', null, ['x', null], 'old', null, 'last', null];
    expect([
      await ints.get(1),
      await floats.get(1),
      await structs.get(1),
      await texts.get('a'),
      await texts.multiGet('a', 'b'),
      await texts.getAndSet('a', 'new'),
      await texts.getAndSet('a', 'new'),
      await texts.getAndDelete('a'),
      await texts.getAndDelete('a'),
    ]).toEqual([7, 1.5, { a: 1 }, undefined, ['x', undefined], 'old', undefined, 'last', undefined]);
    expect(sent.flat().slice(4)).toEqual([
      ['MGET', 'pr-1:texts/a', 'pr-1:texts/b'],
      ['SET', 'pr-1:texts/a', 'new', 'GET'],
      ['SET', 'pr-1:texts/a', 'new', 'GET'],
      ['GETDEL', 'pr-1:texts/a'],
      ['GETDEL', 'pr-1:texts/a'],
    ]);
  });

  test('several are written in one transaction', async () => {
    await structs.multiSet(
      [
        [1, { a: 1 }],
        [2, { a: 2 }],
      ],
      { expiry: expireIn(9) },
    );
    await structs.multiSet([]);
    expect(sent).toEqual([
      [
        ['SET', 'pr-1:s/1', '{"a":1}', 'PX', 9],
        ['SET', 'pr-1:s/2', '{"a":2}', 'PX', 9],
      ],
    ]);
  });

  test('counting gives the new value', async () => {
    replies = [2, 1, '2.5', '2'];
    expect([
      await ints.increment(1),
      await ints.decrement(1, 1.9),
      await floats.increment(1, 0.5),
      await floats.decrement(1, 0.5, { expiry: expireIn(5) }),
    ]).toEqual([2, 1, 2.5, 2]);
    expect(sent.flat()).toEqual([
      ['INCRBY', 'pr-1:i/1', '1'],
      ['DECRBY', 'pr-1:i/1', '1'],
      ['INCRBYFLOAT', 'pr-1:f/1', '0.5'],
      ['INCRBYFLOAT', 'pr-1:f/1', '-0.5'],
      ['PEXPIRE', 'pr-1:f/1', 5],
    ]);
  });

  test('whole numbers are cut off downwards, and what cannot be kept is refused', async () => {
    await ints.set(1, -1.5);
    expect(sent.flat()).toEqual([['SET', 'pr-1:i/1', '-2']]);
    await expect(ints.set(1, 2 ** 53)).rejects.toThrow(RangeError);
    await expect(floats.set(1, Number.NaN)).rejects.toThrow('not a finite number: NaN');
  });

  test('text can be changed in place', async () => {
    replies = [2, 3, 'b', 3];
    expect([
      await texts.append('a', 'b'),
      await texts.setRange('a', 1, 'bc'),
      await texts.getRange('a', 1, 1),
      await texts.len('a'),
    ]).toEqual([2, 3, 'b', 3]);
    expect(sent.flat()).toEqual([
      ['APPEND', 'pr-1:texts/a', 'b'],
      ['SETRANGE', 'pr-1:texts/a', 1, 'bc'],
      ['GETRANGE', 'pr-1:texts/a', 1, 1],
      ['STRLEN', 'pr-1:texts/a'],
    ]);
  });
});

describe('lists', () => {
  const scores = new NumberListKeyspace<string>(cluster, { keyPattern: ':key' });

  test('commands and answers', async () => {
    replies = [2, '1.5', null, 2, 'OK', '2', null, ['1', '2'], 3, -1, 2, 1, 1, '7', null];
    expect([
      await scores.pushRight('a', 1, 1.5),
      await scores.popRight('a'),
      await scores.popLeft('a'),
      await scores.len('a'),
      await scores.set('a', -1, 3),
      await scores.get('a', 0),
      await scores.get('a', 9),
      await scores.getRange('a', 0, 1),
      await scores.insertBefore('a', 1, 0),
      await scores.insertAfter('a', 9, 0),
      await scores.removeAll('a', 1),
      await scores.removeFirst('a', 2, 1),
      await scores.removeLast('a', 2, 1),
      await scores.move('a', 'b', 'right', 'left'),
      await scores.move('a', 'b', 'right', 'left'),
    ]).toEqual([2, 1.5, undefined, 2, undefined, 2, undefined, [1, 2], 3, -1, 2, 1, 1, 7, undefined]);
    expect(sent.flat()).toEqual([
      ['RPUSH', 'pr-1:a', '1', '1.5'],
      ['RPOP', 'pr-1:a'],
      ['LPOP', 'pr-1:a'],
      ['LLEN', 'pr-1:a'],
      ['LSET', 'pr-1:a', -1, '3'],
      ['LINDEX', 'pr-1:a', 0],
      ['LINDEX', 'pr-1:a', 9],
      ['LRANGE', 'pr-1:a', 0, 1],
      ['LINSERT', 'pr-1:a', 'BEFORE', '1', '0'],
      ['LINSERT', 'pr-1:a', 'AFTER', '9', '0'],
      ['LREM', 'pr-1:a', 0, '1'],
      ['LREM', 'pr-1:a', 2, '1'],
      ['LREM', 'pr-1:a', -2, '1'],
      ['LMOVE', 'pr-1:a', 'pr-1:b', 'RIGHT', 'LEFT'],
      ['LMOVE', 'pr-1:a', 'pr-1:b', 'RIGHT', 'LEFT'],
    ]);
  });

  test('nothing is done for nothing', async () => {
    replies = [4];
    expect([await scores.pushLeft('a'), await scores.removeFirst('a', 0, 1)]).toEqual([4, 0]);
    expect(sent).toEqual([[['LLEN', 'pr-1:a']]]);
    await expect(scores.removeLast('a', -1, 1)).rejects.toThrow('a number of items is whole and not negative: -1');
  });
});

describe('sets', () => {
  const tags = new StringSetKeyspace<string>(cluster, { keyPattern: ':key', defaultExpiry: expireIn(5) });
  const lucky = new NumberSetKeyspace<string>(cluster, { keyPattern: ':key' });

  test('commands and answers', async () => {
    replies = [2, 1, '7', null, ['1'], 1, 0, 3, ['1', '2'], ['1'], '3', ['3'], ['3', '3'], 1, 0];
    expect([
      await lucky.add('a', 1, 2),
      await lucky.remove('a', 1),
      await lucky.popOne('a'),
      await lucky.popOne('a'),
      await lucky.pop('a', 2),
      await lucky.contains('a', 1),
      await lucky.contains('a', 2),
      await lucky.len('a'),
      await lucky.itemsSet('a'),
      await lucky.diff('a', 'b'),
      await lucky.sampleOne('a'),
      await lucky.sample('a', 2),
      await lucky.sampleWithReplacement('a', 2),
      await lucky.move('a', 'b', 1),
      await lucky.move('a', 'b', 1),
    ]).toEqual([2, 1, 7, undefined, [1], true, false, 3, new Set([1, 2]), [1], 3, [3], [3, 3], true, false]);
    expect(sent.flat()).toEqual([
      ['SADD', 'pr-1:a', '1', '2'],
      ['SREM', 'pr-1:a', '1'],
      ['SPOP', 'pr-1:a'],
      ['SPOP', 'pr-1:a'],
      ['SPOP', 'pr-1:a', 2],
      ['SISMEMBER', 'pr-1:a', '1'],
      ['SISMEMBER', 'pr-1:a', '2'],
      ['SCARD', 'pr-1:a'],
      ['SMEMBERS', 'pr-1:a'],
      ['SDIFF', 'pr-1:a', 'pr-1:b'],
      ['SRANDMEMBER', 'pr-1:a'],
      ['SRANDMEMBER', 'pr-1:a', 2],
      ['SRANDMEMBER', 'pr-1:a', -2],
      ['SMOVE', 'pr-1:a', 'pr-1:b', '1'],
      ['SMOVE', 'pr-1:a', 'pr-1:b', '1'],
    ]);
  });

  test('only the set that is stored is given an expiry', async () => {
    replies = [1, 2, 3];
    expect([
      await tags.diffStore('c', 'a', 'b'),
      await tags.intersectStore('c', 'a'),
      await tags.unionStore('c', 'a', 'c'),
    ]).toEqual([1, 2, 3]);
    expect(sent).toEqual([
      [
        ['SDIFFSTORE', 'pr-1:c', 'pr-1:a', 'pr-1:b'],
        ['PEXPIRE', 'pr-1:c', 5],
      ],
      [
        ['SINTERSTORE', 'pr-1:c', 'pr-1:a'],
        ['PEXPIRE', 'pr-1:c', 5],
      ],
      [
        ['SUNIONSTORE', 'pr-1:c', 'pr-1:a', 'pr-1:c'],
        ['PEXPIRE', 'pr-1:c', 5],
      ],
    ]);
  });

  test('of no sets there is nothing', async () => {
    expect([await tags.diff(), await tags.intersectSet(), await tags.unionStore('c')]).toEqual([[], new Set(), 0]);
    expect(sent).toEqual([[['DEL', 'pr-1:c']]]);
  });
});

describe('what nobody can have meant is refused before anything is sent', () => {
  const wrong = (value: unknown) => value as never;
  const ints = new IntKeyspace<string>(cluster, { keyPattern: 'ints/:key' });
  const structs = new StructKeyspace<string, object>(cluster, { keyPattern: 'structs/:key' });
  const lists = new StringListKeyspace<string>(cluster, { keyPattern: 'lists/:key' });
  const floats = new FloatKeyspace<string>(cluster, { keyPattern: 'floats/:key' });

  test.each<[string, () => unknown, string]>([
    ['no key', () => texts.get(wrong(undefined)), 'a key is text, a number, a boolean or an object: undefined'],
    ['a key that is null', () => texts.delete(wrong(null)), 'a key is text, a number, a boolean or an object: null'],
    [
      'a key that is no number',
      () => texts.get(wrong(Number.NaN)),
      'a key is text, a number, a boolean or an object: NaN',
    ],
    ['a function for a key', () => texts.get(wrong(Symbol('k'))), 'or an object: Symbol(k)'],
    [
      'a field that is no number',
      () => texts.get(wrong({ key: Number.NaN })),
      'the key has no text, number or boolean `key`',
    ],
    ['no value', () => texts.set('k', wrong(undefined)), 'not text: undefined'],
    ['an object for text', () => texts.append('k', wrong({})), 'not text: [object Object]'],
    ['text for an object', () => structs.set('k', wrong('text')), 'not an object: text'],
    [
      'an object that is no JSON',
      () => structs.set('k', { toJSON: () => undefined }),
      'not an object: [object Object]',
    ],
    ['nothing for a number', () => ints.set('k', wrong(null)), 'not a whole number that can be kept exactly: null'],
    ['nothing to count down', () => floats.decrement('k', wrong('')), 'not a finite number: '],
    [
      'a time for an expiry',
      () => texts.set('k', 'v', { expiry: wrong(60) }),
      'an expiry is what `expireIn` and its like',
    ],
    ['an expiry that is none', () => texts.set('k', 'v', { expiry: { after: Number.NaN } }), 'an expiry is what'],
    ['an expiry for options', () => texts.set('k', 'v', wrong(expireIn(5))), 'options are an object such as'],
    ['an expiry for options of a keyspace', () => texts.with(wrong(expireIn(5))), 'options are an object such as'],
    ['entries', () => texts.multiSet(wrong({ k: 'v' })), 'what is set is a list of pairs'],
    ['an end', () => lists.move('a', 'b', wrong('top'), 'left'), "an end of a list is 'left' or 'right': top"],
  ])('%s', async (_what, call, message) => {
    await expect((async () => call())()).rejects.toThrow(message);
    expect(sent).toEqual([]);
  });
});

describe('failures', () => {
  test('a key that is there is not made again, and one that is not is not replaced', async () => {
    const [made, replaced] = [texts.setIfNotExists('a', 'x', { expiry: expireIn(5) }), texts.replace('a', 'x')];
    await expect(made).rejects.toThrow(new CacheKeyExists('set "texts/a" in cache main: the key is already there'));
    await expect(replaced).rejects.toThrow(new CacheMiss('replace "texts/a" in cache main: the key is not there'));
    await expect(replaced).rejects.toBeInstanceOf(CacheError);
    replies = ['OK', 'OK'];
    await texts.setIfNotExists('a', 'x');
    await texts.replace('a', 'x', { expiry: keepTTL });
    expect(sent.flat()).toEqual([
      ['SET', 'pr-1:texts/a', 'x', 'PX', 5, 'NX'],
      ['SET', 'pr-1:texts/a', 'x', 'XX'],
      ['SET', 'pr-1:texts/a', 'x', 'NX'],
      ['SET', 'pr-1:texts/a', 'x', 'KEEPTTL', 'XX'],
    ]);
  });

  test('what the server refuses names command, key and cause', async () => {
    const cause = new Error('WRONGTYPE Operation against a key holding the wrong kind of value');
    replies = [cause];
    const failure = texts.len('a/b');
    await expect(failure).rejects.toThrow(
      new CacheError(`STRLEN "texts/a\\\\/b" in cache main: ${cause.message}`, { cause }),
    );
    await expect(failure).rejects.toMatchObject({ name: 'CacheError', cause });
  });

  test('what is kept and is not JSON is a cache error', async () => {
    replies = ['{'];
    const structs = new StructKeyspace<number, { a: number }>(cluster, { keyPattern: 's/:id' });
    await expect(structs.get(1)).rejects.toThrow(CacheError);
  });

  test('keys that are removed are counted', async () => {
    replies = [2];
    expect([await texts.delete('a', 'b'), await texts.delete()]).toEqual([2, 0]);
    expect(sent).toEqual([[['DEL', 'pr-1:texts/a', 'pr-1:texts/b']]]);
  });

  test('a process without the cluster says so', async () => {
    const keyspace = new StringKeyspace<string>(CacheCluster.named('other'), { keyPattern: ':key' });
    const message = 'cache other: this cache is not configured for use by this process';
    await expect(keyspace.get('a')).rejects.toThrow(message);
    await expect(keyspace.set('a', 'x')).rejects.toThrow(message);
  });
});
