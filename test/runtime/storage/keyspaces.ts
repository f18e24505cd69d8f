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
import type { CacheProvider } from '../../../runtime/storage/cache/provider.ts';

const cluster = new CacheCluster('main');
const at = { keyPattern: ':key' };

/** Keyspaces of each kind over the same keys, and the provider below them. */
export const keyspaces = (provider: CacheProvider) => ({
  texts: new StringKeyspace<string>(cluster, at),
  ints: new IntKeyspace<string>(cluster, at),
  floats: new FloatKeyspace<string>(cluster, at),
  structs: new StructKeyspace<string, { a: number; b?: string[] }>(cluster, at),
  list: new StringListKeyspace<string>(cluster, at),
  scores: new NumberListKeyspace<string>(cluster, at),
  set: new StringSetKeyspace<string>(cluster, at),
  lucky: new NumberSetKeyspace<string>(cluster, at),
  /** Milliseconds that a key has left; -1 when it stays, -2 when it is not there. */
  left: async (key: string) => Number((await provider.run([['PTTL', `${provider.keyPrefix}${key}`]]))[0]),
});

type Keyspaces = ReturnType<typeof keyspaces>;

/** A line of the contract: what is done, and what comes of it. */
export type Line = readonly [name: string, act: (keyspaces: Keyspaces) => Promise<unknown>, expected: unknown];

const named = async (work: Promise<unknown>) => work.then(() => 'no error').catch((error: Error) => error.name);
const message = async (work: Promise<unknown>) => work.then(() => 'no error').catch((error: Error) => error.message);
const sorted = async <T>(values: Promise<Iterable<T>>) => [...(await values)].sort();
const day = 24 * 3_600_000;

/** Whether it is so many milliseconds, or somewhat less by now. */
const about = async (left: Promise<number>, milliseconds: number) => {
  const found = await left;
  return found > milliseconds - 20_000 && found <= milliseconds ? milliseconds : found;
};

/** Every method of every kind of keyspace, every form of expiry and every error. Each begins with no keys. */
export const contract: Line[] = [
  // All keyspaces.
  [
    'with(): the same keys, another expiry',
    async ({ texts, left }) => {
      await texts.with({ expiry: expireInMinutes(5) }).set('a', 'x');
      return [await texts.get('a'), await about(left('a'), 300_000)];
    },
    ['x', 300_000],
  ],
  [
    'with() nothing else: the expiry that it had',
    async ({ texts, left }) => {
      await texts
        .with({ expiry: expireInMinutes(5) })
        .with({})
        .set('a', 'x');
      return about(left('a'), 300_000);
    },
    300_000,
  ],
  [
    'delete(): how many were there',
    async ({ texts }) => {
      await texts.multiSet([
        ['a', 'x'],
        ['b', 'y'],
      ]);
      return [await texts.delete('a', 'b', 'c'), await texts.delete(), await texts.get('a')];
    },
    [2, 0, undefined],
  ],

  // Single values.
  ['get(): undefined for a key that is not there', ({ texts }) => texts.get('a'), undefined],
  [
    'set() and get()',
    async ({ texts }) => {
      await texts.set('a', 'grüße 😀');
      return texts.get('a');
    },
    'grüße 😀',
  ],
  [
    'set(): the value before and its expiry are gone',
    async ({ list, texts, left }) => {
      await list.with({ expiry: expireInHours(1) }).pushLeft('a', 'x');
      await texts.set('a', 'y');
      return [await texts.get('a'), await left('a')];
    },
    ['y', -1],
  ],
  [
    'multiGet(): in the order of the keys, undefined for each that is not there',
    async ({ texts }) => {
      await texts.set('a', 'x');
      return [await texts.multiGet('b', 'a', 'a'), await texts.multiGet()];
    },
    [[undefined, 'x', 'x'], []],
  ],
  [
    'multiSet(): with an expiry for each',
    async ({ ints, left }) => {
      await ints.multiSet(
        [
          ['a', 1],
          ['b', 2],
        ],
        { expiry: expireInSeconds(90) },
      );
      return [await ints.multiGet('a', 'b'), await about(left('a'), 90_000), await about(left('b'), 90_000)];
    },
    [[1, 2], 90_000, 90_000],
  ],
  [
    'setIfNotExists(): CacheKeyExists',
    async ({ texts }) => {
      await texts.setIfNotExists('a', 'x');
      return [await named(texts.setIfNotExists('a', 'y')), await texts.get('a')];
    },
    [CacheKeyExists.name, 'x'],
  ],
  [
    'setIfNotExists(): with an expiry',
    async ({ texts, left }) => {
      await texts.setIfNotExists('a', 'x', { expiry: expireInSeconds(60) });
      return about(left('a'), 60_000);
    },
    60_000,
  ],
  [
    'replace(): CacheMiss',
    async ({ texts }) => [await named(texts.replace('a', 'x')), await texts.get('a')],
    [CacheMiss.name, undefined],
  ],
  [
    'replace(): what is there',
    async ({ texts }) => {
      await texts.set('a', 'x');
      await texts.replace('a', 'y');
      return texts.get('a');
    },
    'y',
  ],
  [
    'getAndSet(): the value before',
    async ({ structs }) => [
      await structs.getAndSet('a', { a: 1 }),
      await structs.getAndSet('a', { a: 2 }),
      await structs.get('a'),
    ],
    [undefined, { a: 1 }, { a: 2 }],
  ],
  [
    'getAndDelete(): the value that is gone',
    async ({ floats }) => {
      await floats.set('a', 1.5);
      return [await floats.getAndDelete('a'), await floats.getAndDelete('a'), await floats.get('a')];
    },
    [1.5, undefined, undefined],
  ],

  // Text.
  [
    'append(): the length in bytes',
    async ({ texts }) => [await texts.append('a', 'ü'), await texts.append('a', 'b'), await texts.get('a')],
    [2, 3, 'üb'],
  ],
  [
    'getRange(): both ends included, negative ones from the end',
    async ({ texts }) => {
      await texts.set('a', 'abcdef');
      return [
        await texts.getRange('a', 1, 2),
        await texts.getRange('a', -2, -1),
        await texts.getRange('a', 4, 99),
        await texts.getRange('a', 3, 1),
        await texts.getRange('b', 0, -1),
      ];
    },
    ['bc', 'ef', 'ef', '', ''],
  ],
  [
    'setRange(): overwrites, pads with zero bytes, the length',
    async ({ texts }) => {
      await texts.set('a', 'abc');
      return [
        await texts.setRange('a', 1, 'XY'),
        await texts.get('a'),
        await texts.setRange('b', 2, 'z'),
        await texts.get('b'),
      ];
    },
    [3, 'aXY', 3, '\0\0z'],
  ],
  [
    'len(): in bytes, 0 when it is not there',
    async ({ texts }) => {
      await texts.set('a', '😀');
      return [await texts.len('a'), await texts.len('b')];
    },
    [4, 0],
  ],

  // Numbers.
  [
    'IntKeyspace increment(): by 1 unless it says otherwise',
    async ({ ints }) => [await ints.increment('a'), await ints.increment('a', 41), await ints.get('a')],
    [1, 42, 42],
  ],
  ['IntKeyspace decrement()', async ({ ints }) => [await ints.decrement('a'), await ints.decrement('a', 4)], [-1, -5]],
  [
    'IntKeyspace: fractions are cut off downwards',
    async ({ ints }) => {
      await ints.set('a', 1.9);
      await ints.set('b', -1.1);
      return [await ints.get('a'), await ints.get('b'), await ints.increment('a', 1.9)];
    },
    [1, -2, 2],
  ],
  [
    'FloatKeyspace increment() and decrement()',
    async ({ floats }) => [
      await floats.increment('a', 0.1),
      await floats.increment('a', 0.2),
      await floats.decrement('a', 0.05),
      await floats.increment('a'),
      await floats.decrement('a'),
      await floats.get('a'),
    ],
    [0.1, 0.3, 0.25, 1.25, 0.25, 0.25],
  ],
  [
    'FloatKeyspace: the largest, the smallest and the finest',
    async ({ floats }) => {
      for (const [key, value] of [
        ['a', Number.MAX_VALUE],
        ['b', 5e-324],
        ['c', 1.0000000000000002],
      ] as const)
        await floats.set(key, value);
      return floats.multiGet('a', 'b', 'c');
    },
    [Number.MAX_VALUE, 5e-324, 1.0000000000000002],
  ],
  [
    'StructKeyspace: JSON',
    async ({ structs, texts }) => {
      await structs.set('a', { a: 1, b: ['x"'] });
      return [await structs.get('a'), await texts.get('a')];
    },
    [{ a: 1, b: ['x"'] }, '{"a":1,"b":["x\\""]}'],
  ],

  // Lists.
  [
    'pushLeft() and pushRight(): the length',
    async ({ list }) => [await list.pushLeft('a', 'x', 'y'), await list.pushRight('a', 'z'), await list.items('a')],
    [2, 3, ['y', 'x', 'z']],
  ],
  [
    'popLeft() and popRight(): undefined when there is none',
    async ({ list }) => {
      await list.pushRight('a', 'x', 'y');
      return [
        await list.popLeft('a'),
        await list.popRight('a'),
        await list.popLeft('a'),
        await list.popRight('b'),
        await list.len('a'),
      ];
    },
    ['x', 'y', undefined, undefined, 0],
  ],
  [
    'trim(): both ends included',
    async ({ list }) => {
      await list.pushRight('a', 'v', 'w', 'x', 'y', 'z');
      await list.trim('a', 1, -2);
      const items = await list.items('a');
      await list.trim('a', 5, 9);
      return [items, await list.len('a')];
    },
    [['w', 'x', 'y'], 0],
  ],
  [
    'set() and get() of an item',
    async ({ scores }) => {
      await scores.pushRight('a', 1, 2, 3);
      await scores.set('a', -1, 3.5);
      await scores.set('a', 0, 0.5);
      return [await scores.items('a'), await scores.get('a', 1), await scores.get('a', -1), await scores.get('a', 3)];
    },
    [[0.5, 2, 3.5], 2, 3.5, undefined],
  ],
  [
    'set() of an item that is not there: CacheError',
    async ({ list }) => {
      await list.pushRight('a', 'x');
      return [await message(list.set('a', 1, 'y')), await message(list.set('b', 0, 'y'))];
    },
    ['LSET "a" in cache main: ERR index out of range', 'LSET "b" in cache main: ERR no such key'],
  ],
  [
    'getRange() of a list',
    async ({ list }) => {
      await list.pushRight('a', 'x', 'y', 'z');
      return [
        await list.getRange('a', 1, 9),
        await list.getRange('a', -2, -2),
        await list.getRange('a', 2, 1),
        await list.getRange('b', 0, -1),
      ];
    },
    [['y', 'z'], ['y'], [], []],
  ],
  [
    'insertBefore() and insertAfter(): the first that is the pivot',
    async ({ list }) => {
      await list.pushRight('a', 'x', 'y', 'x');
      return [await list.insertBefore('a', 'x', '1'), await list.insertAfter('a', 'x', '2'), await list.items('a')];
    },
    [4, 5, ['1', 'x', '2', 'y', 'x']],
  ],
  [
    'insertBefore() and insertAfter(): -1 without the pivot, 0 without the list',
    async ({ list }) => {
      await list.pushRight('a', 'x');
      return [
        await list.insertBefore('a', 'y', '1'),
        await list.insertAfter('a', 'y', '1'),
        await list.insertBefore('b', 'y', '1'),
      ];
    },
    [-1, -1, 0],
  ],
  [
    'removeAll(), removeFirst() and removeLast(): how many',
    async ({ list }) => {
      await list.pushRight('a', 'x', 'y', 'x', 'z', 'x', 'x');
      return [
        await list.removeFirst('a', 1, 'x'),
        await list.removeLast('a', 1, 'x'),
        await list.items('a'),
        await list.removeAll('a', 'x'),
        await list.items('a'),
        await list.removeAll('a', 'x'),
        await list.removeFirst('a', 0, 'y'),
      ];
    },
    [1, 1, ['y', 'x', 'z', 'x'], 2, ['y', 'z'], 0, 0],
  ],
  [
    'move() between lists and ends',
    async ({ list }) => {
      await list.pushRight('a', '1', '2', '3');
      return [
        await list.move('a', 'b', 'left', 'right'),
        await list.move('a', 'b', 'right', 'left'),
        await list.move('a', 'a', 'left', 'right'),
        await list.move('c', 'a', 'left', 'left'),
        await list.items('a'),
        await list.items('b'),
      ];
    },
    ['1', '3', '2', undefined, ['2'], ['3', '1']],
  ],

  // Sets.
  [
    'add() and remove(): how many',
    async ({ set }) => [
      await set.add('a', 'x', 'y', 'x'),
      await set.add('a', 'y', 'z'),
      await set.remove('a', 'x', 'w'),
      await sorted(set.items('a')),
      await set.remove('b', 'x'),
    ],
    [2, 1, 1, ['y', 'z'], 0],
  ],
  [
    'popOne() and pop(): they are gone',
    async ({ lucky }) => {
      await lucky.add('a', 1);
      const one = await lucky.popOne('a');
      await lucky.add('a', 1, 2, 3);
      const two = await lucky.pop('a', 2);
      return [
        one,
        await lucky.popOne('b'),
        new Set(two).size,
        await lucky.len('a'),
        await lucky.pop('b', 2),
        (await lucky.pop('a', 9)).length,
      ];
    },
    [1, undefined, 2, 1, [], 1],
  ],
  [
    'contains() and len()',
    async ({ set }) => {
      await set.add('a', 'x');
      return [
        await set.contains('a', 'x'),
        await set.contains('a', 'y'),
        await set.contains('b', 'x'),
        await set.len('a'),
        await set.len('b'),
      ];
    },
    [true, false, false, 1, 0],
  ],
  [
    'items() and itemsSet()',
    async ({ lucky }) => {
      await lucky.add('a', 1.5, 2);
      return [await sorted(lucky.items('a')), await lucky.itemsSet('a'), await lucky.itemsSet('b')];
    },
    [[1.5, 2], new Set([1.5, 2]), new Set()],
  ],
  [
    'diff(), diffSet() and diffStore()',
    async ({ set }) => {
      await set.add('a', 'x', 'y', 'z');
      await set.add('b', 'y');
      return [
        await sorted(set.diff('a', 'b', 'c')),
        await set.diffSet('b', 'a'),
        await set.diffStore('d', 'a', 'b'),
        await set.itemsSet('d'),
        await set.diffStore('d', 'b', 'a'),
        await set.len('d'),
      ];
    },
    [['x', 'z'], new Set(), 2, new Set(['x', 'z']), 0, 0],
  ],
  [
    'intersect(), intersectSet() and intersectStore()',
    async ({ set }) => {
      await set.add('a', 'x', 'y', 'z');
      await set.add('b', 'y', 'z', 'w');
      return [
        await sorted(set.intersect('a', 'b')),
        await set.intersectSet('a', 'b', 'c'),
        await set.intersectStore('a', 'a', 'b'),
        await set.itemsSet('a'),
      ];
    },
    [['y', 'z'], new Set(), 2, new Set(['y', 'z'])],
  ],
  [
    'union(), unionSet() and unionStore()',
    async ({ set }) => {
      await set.add('a', 'x', 'y');
      await set.add('b', 'y', 'z');
      return [
        await sorted(set.union('a', 'b', 'c')),
        await set.unionSet('c'),
        await set.unionStore('d', 'a', 'b'),
        await set.itemsSet('d'),
      ];
    },
    [['x', 'y', 'z'], new Set(), 3, new Set(['x', 'y', 'z'])],
  ],
  [
    'sampleOne(), sample() and sampleWithReplacement(): they stay',
    async ({ lucky }) => {
      await lucky.add('a', 1, 2, 3);
      const [one, two, five] = [
        await lucky.sampleOne('a'),
        await lucky.sample('a', 2),
        await lucky.sampleWithReplacement('a', 5),
      ];
      return [
        [1, 2, 3].includes(one!),
        new Set(two).size,
        five.length,
        five.every((member) => [1, 2, 3].includes(member)),
        await lucky.sample('a', 9).then(({ length }) => length),
        await lucky.len('a'),
        await lucky.sampleOne('b'),
        await lucky.sample('b', 2),
        await lucky.sampleWithReplacement('b', 2),
      ];
    },
    [true, 2, 5, true, 3, 3, undefined, [], []],
  ],
  [
    'move() between sets',
    async ({ set }) => {
      await set.add('a', 'x');
      return [
        await set.move('a', 'b', 'x'),
        await set.move('a', 'b', 'x'),
        await set.contains('b', 'x'),
        await set.move('b', 'b', 'x'),
        await set.len('a'),
      ];
    },
    [true, false, true, true, 0],
  ],

  // Expiry.
  [
    'expireIn()',
    async ({ texts, left }) => {
      await texts.set('a', 'x', { expiry: expireIn(12_345) });
      return about(left('a'), 12_345);
    },
    12_345,
  ],
  [
    'expireInHours()',
    async ({ texts, left }) => {
      await texts.set('a', 'x', { expiry: expireInHours(2) });
      return about(left('a'), 7_200_000);
    },
    7_200_000,
  ],
  [
    'expireDailyAt(): within a day',
    async ({ texts, left }) => {
      await texts.set('a', 'x', { expiry: expireDailyAt(4, 30, 0) });
      const [found, expected] = [await left('a'), (4.5 * 3_600_000 - (Date.now() % day) + day) % day];
      return Math.abs(found - expected) < 20_000;
    },
    true,
  ],
  [
    'what has expired is not there',
    async ({ texts, set }) => {
      await texts.set('a', 'x', { expiry: expireIn(30) });
      await set.with({ expiry: expireIn(30) }).add('b', 'x');
      await new Promise((resolve) => setTimeout(resolve, 60));
      return [await texts.get('a'), await set.len('b'), await texts.delete('a', 'b')];
    },
    [undefined, 0, 0],
  ],
  [
    'neverExpire: what stays',
    async ({ texts, list, left }) => {
      const brief = texts.with({ expiry: expireInMinutes(1) });
      await brief.set('a', 'x');
      await brief.set('a', 'x', { expiry: neverExpire });
      await list.with({ expiry: expireInMinutes(1) }).pushLeft('b', 'x');
      await list.with({ expiry: neverExpire }).pushLeft('b', 'x');
      return [await left('a'), await left('b')];
    },
    [-1, -1],
  ],
  [
    'keepTTL: what it had',
    async ({ ints, texts, left }) => {
      await ints.set('a', 1, { expiry: expireInHours(1) });
      await ints.with({ expiry: expireInMinutes(1) }).set('a', 2, { expiry: keepTTL });
      await texts.set('b', 'x', { expiry: keepTTL });
      return [await about(left('a'), 3_600_000), await left('b')];
    },
    [3_600_000, -1],
  ],
  [
    'without an expiry: a change in place keeps the one it had',
    async ({ ints, texts, left }) => {
      await ints.set('a', 1, { expiry: expireInHours(1) });
      await ints.increment('a');
      await texts.append('a', '0');
      return [await ints.get('a'), await about(left('a'), 3_600_000)];
    },
    [20, 3_600_000],
  ],
  [
    'an expiry of a change in place is of all that it writes',
    async ({ list, set, left }) => {
      await list.pushLeft('a', 'x', 'y');
      await list.move('a', 'b', 'left', 'left', { expiry: expireInHours(1) });
      await set.with({ expiry: expireInHours(1) }).add('c', 'x');
      return Promise.all([about(left('a'), 3_600_000), about(left('b'), 3_600_000), about(left('c'), 3_600_000)]);
    },
    [3_600_000, 3_600_000, 3_600_000],
  ],

  // Keys.
  [
    'slashes and backslashes in a key are of the key alone',
    async ({ texts }) => {
      const both = new StringKeyspace<{ a: string; b: string }>(cluster, { keyPattern: ':a/:b' });
      await both.set({ a: 'x/', b: 'y' }, '1');
      await both.set({ a: 'x', b: '/y' }, '2');
      return [await both.get({ a: 'x/', b: 'y' }), await both.get({ a: 'x', b: '/y' }), await texts.get('x/y')];
    },
    ['1', '2', undefined],
  ],
  [
    'keys that begin with __encore are refused',
    ({ texts }) => message(texts.get('__encore/a')),
    'keys that begin with "__encore" are reserved: __encore\\/a',
  ],

  // Errors.
  [
    'a value of another kind: CacheError',
    async ({ texts, list, set, ints }) => {
      await list.pushLeft('a', 'x');
      await texts.set('b', 'x');
      const wrong = 'WRONGTYPE Operation against a key holding the wrong kind of value';
      const all = [
        texts.get('a'),
        texts.append('a', 'x'),
        ints.increment('a'),
        texts.getAndSet('a', 'x'),
        set.len('a'),
        list.len('b'),
        set.add('b', 'x'),
        set.union('b', 'c'),
      ];
      return (await Promise.all(all.map(message))).map((text) => text.endsWith(wrong));
    },
    Array.from({ length: 8 }, () => true),
  ],
  [
    'what is no number cannot be counted',
    async ({ texts, ints, floats }) => {
      await texts.set('a', 'x');
      return [await message(ints.increment('a')), await message(floats.increment('a')), await texts.get('a')];
    },
    [
      'INCRBY "a" in cache main: ERR value is not an integer or out of range',
      'INCRBYFLOAT "a" in cache main: ERR value is not a valid float',
      'x',
    ],
  ],
  [
    'beyond 64 bits nothing is counted',
    async ({ texts, ints }) => {
      await texts.set('a', '9223372036854775807');
      return [await message(ints.increment('a')), await texts.get('a')];
    },
    ['INCRBY "a" in cache main: ERR increment or decrement would overflow', '9223372036854775807'],
  ],
  [
    'errors of a cache are CacheErrors',
    ({ texts }) => texts.replace('a', 'x').catch((error) => error instanceof CacheError),
    true,
  ],
];
