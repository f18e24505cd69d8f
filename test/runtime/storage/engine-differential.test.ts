import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { Engine } from '../../../runtime/storage/cache/engine/engine.ts';
import { type EngineReply, ReplyError } from '../../../runtime/storage/cache/engine/reply.ts';
import { redisServer, startRedis, type TestRedis } from '../../support/redis.ts';

// Random commands on the engine and on a real Redis: the same answers, to the letter of an error. A failure prints the seed and the
// smallest example; put them in the place of `seed` to play it again.

(process.env.CI ? test : test.skip)('there is redis-server', () => {
  expect(redisServer).toBeDefined();
});

let server: TestRedis;
let redis: Redis;

beforeAll(async () => {
  if (!redisServer) return;
  server = await startRedis(redisServer);
  const [host, port] = server.host.split(':');
  redis = new Redis({ host, port: Number(port), stringNumbers: true, protocol: 2 } as object);
});
afterAll(async () => {
  redis?.disconnect();
  await server?.stop();
});

const key = fc.constantFrom('a', 'b', 'c');
const small = fc.integer({ min: -5, max: 6 }).map(String);
const word = fc.constantFrom('x', 'y', 'z', '', '7', '\xff\0', 'longer than the others, so that it is no small text');
const text = fc.oneof(
  { arbitrary: word, weight: 4 },
  fc.string({ unit: 'binary', maxLength: 3 }).map((one) => Buffer.from(one).toString('latin1')),
);
const index = fc.oneof(
  { arbitrary: small, weight: 4 },
  fc.constantFrom('x', '1.5', '', '9223372036854775807', '-9223372036854775808'),
);
const integer = fc.oneof(
  index,
  fc.constantFrom('+1', '01', '-0', ' 1', '9223372036854775808', '-9223372036854775809', '4611686018427387904'),
);
const float = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.double({ min: -100, max: 100, noNaN: true }).map((value) => value.toFixed(3)),
  fc.constantFrom(
    '0.1',
    '-0.1',
    '3e3',
    '1E-4',
    '.5',
    '5.',
    '.',
    'x',
    '',
    '1e5000',
    '1e-5000',
    '0e9999',
    '-0',
    '+2',
    ' 1',
    '1e',
    '17179869184.123456789',
    '0x1F',
    '-0x.8p3',
    '0x',
  ),
);
const milliseconds = fc.oneof(
  { arbitrary: fc.constantFrom('1000000', '5000000'), weight: 3 },
  fc.constantFrom('0', '-1', 'x', '9223372036854775807'),
);
/** What the members or items are does not matter, but that they are none too few. */
const texts = fc.array(text, { minLength: 1, maxLength: 4 });
const keys = fc.array(key, { minLength: 1, maxLength: 3 });
const end = fc.constantFrom('LEFT', 'RIGHT', 'left', 'UP');

const command = (name: string, ...parts: fc.Arbitrary<string | string[]>[]) =>
  fc.tuple(...parts).map((args) => [name, ...args.flat()]);

const settings: fc.Arbitrary<string[]> = fc.oneof(
  fc.constantFrom<string[][]>(
    [],
    ['KEEPTTL'],
    ['NX'],
    ['XX'],
    ['GET'],
    ['XX', 'KEEPTTL'],
    ['NX', 'GET'],
    ['NX', 'XX'],
    ['PX'],
    ['PX', '1', 'KEEPTTL'],
    ['WHAT'],
    ['xx', 'get', 'Px', '1000000'],
  ),
  milliseconds.map((one) => ['PX', one]),
);

const ofKeys = [
  command('DEL', key),
  { arbitrary: command('PEXPIRE', key, milliseconds), weight: 2 },
  command('PERSIST', key),
];
const ofTexts = [
  command('GET', key),
  command('MGET', keys),
  { arbitrary: command('SET', key, fc.oneof(text, integer, float), settings), weight: 4 },
  command('GETDEL', key),
  command('APPEND', key, text),
  command('GETRANGE', key, index, index),
  command('SETRANGE', key, small, text),
  command('STRLEN', key),
  command('INCRBY', key, integer),
  command('DECRBY', key, integer),
  { arbitrary: command('INCRBYFLOAT', key, float), weight: 2 },
];
const ofLists = [
  { arbitrary: command('LPUSH', key, texts), weight: 3 },
  { arbitrary: command('RPUSH', key, texts), weight: 3 },
  command('LPOP', key),
  command('RPOP', key),
  command('LLEN', key),
  command('LTRIM', key, index, index),
  command('LSET', key, index, text),
  command('LINDEX', key, index),
  { arbitrary: command('LRANGE', key, fc.constant('0'), fc.constant('-1')), weight: 3 },
  command('LRANGE', key, index, index),
  command('LINSERT', key, fc.constantFrom('BEFORE', 'AFTER', 'after', 'AT'), word, text),
  command('LREM', key, index, word),
  command('LMOVE', key, key, end, end),
];
const ofSets = [
  { arbitrary: command('SADD', key, texts), weight: 3 },
  command('SREM', key, texts),
  command('SISMEMBER', key, word),
  command('SCARD', key),
  { arbitrary: command('SMEMBERS', key), weight: 2 },
  ...['SDIFF', 'SINTER', 'SUNION'].flatMap((name) => [command(name, keys), command(`${name}STORE`, key, keys)]),
  command('SMOVE', key, key, word),
  // What they take is random, and how many is not; one that takes all leaves nothing to chance.
  command('SPOP', key, fc.constantFrom('99', '0', 'x', '-1')),
  command('SRANDMEMBER', key, fc.constantFrom('99', '0', '-2', 'x')),
];
const incomplete = fc.constantFrom(
  ...['GET', 'SET a', 'MGET', 'LMOVE a b', 'SADD a', 'NOTHING a b', 'get a', 'INCRBY a 1 2'].map((line) =>
    line.split(' '),
  ),
);

/** What is there at the beginning, and what is asked at the end, of every key. */
const beginnings = {
  texts: ['SET a 7', 'SET b longer', 'SET c 0.5 PX 1000000'],
  lists: ['RPUSH a x y x z x y', 'RPUSH b z', 'PEXPIRE b 1000000', 'RPUSH c x x x'],
  sets: ['SADD a x y z 7', 'SADD b y 7', 'SADD c x', 'PEXPIRE c 1000000'],
  all: ['SET a 7', 'RPUSH b x y', 'SADD c x y'],
};
const endings = ['a', 'b', 'c'].flatMap((one) => [
  ['PTTL', one],
  ['GET', one],
  ['LRANGE', one, '0', '-1'],
  ['SMEMBERS', one],
]);

/** Of one kind, so that one command builds on the other, or of all. */
const sequences = fc.oneof(
  ...Object.entries({
    texts: ofTexts,
    lists: ofLists,
    sets: ofSets,
    all: [...ofTexts, ...ofLists, ...ofSets, incomplete],
  }).map(([kind, some]) =>
    fc
      .array(fc.oneof(...some, ...ofKeys), { minLength: 1, maxLength: 16, size: 'max' })
      .map((middle) => [
        ...beginnings[kind as keyof typeof beginnings].map((line) => line.split(' ')),
        ...middle,
        ...endings,
      ]),
  ),
);

/** In a form that has no order where Redis has none, no chance, and no passing of time. */
function comparable([name = '']: string[], reply: unknown): unknown {
  if (reply instanceof Error) return `error: ${reply.message}`;
  if (/^(SMEMBERS|SDIFF|SINTER|SUNION|SPOP)$/.test(name)) return Array.isArray(reply) ? [...reply].sort() : reply;
  if (name === 'SRANDMEMBER' && Array.isArray(reply)) return reply.length;
  if (name === 'PTTL' && Number(reply) > 0) return Math.round(Number(reply) / 100_000);
  return reply;
}

const plain = (reply: EngineReply | ReplyError): unknown => {
  if (reply instanceof ReplyError || reply === null || typeof reply === 'string') return reply;
  if (Array.isArray(reply)) return reply.map(plain);
  return typeof reply === 'object' ? reply.status : String(reply);
};

const binary = (reply: unknown): unknown => {
  if (Buffer.isBuffer(reply)) return reply.toString('latin1');
  if (Array.isArray(reply)) return reply.map(binary);
  return typeof reply === 'number' ? String(reply) : reply;
};

function onEngine(engine: Engine, one: string[]): unknown {
  try {
    return plain(engine.run([one])[0]!);
  } catch (error) {
    if (error instanceof ReplyError) return error;
    throw error;
  }
}

(redisServer ? test : test.skip)(
  'with redis-server, the engine answers as Redis does',
  async () => {
    await fc.assert(
      fc.asyncProperty(sequences, async (sequence) => {
        const engine = new Engine();
        await redis.flushall();
        const theirs = await Promise.all(
          sequence.map(([name, ...args]) =>
            redis
              .callBuffer(name!, ...args.map((arg) => Buffer.from(arg, 'latin1')))
              .then(binary, (error: Error) => error),
          ),
        );
        const shown = (replies: unknown[]) => sequence.map((one, at) => [one, comparable(one, replies[at])]);
        expect(shown(sequence.map((one) => onEngine(engine, one)))).toEqual(shown(theirs));
      }),
      { numRuns: 1000, seed: 7 },
    );
  },
  120_000,
);
