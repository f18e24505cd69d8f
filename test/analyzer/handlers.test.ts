import { describe, expect, test } from '@jest/globals';
import type { Endpoint } from '../../analyzer/mod.ts';
import { analyzeText, graphOf } from './application.ts';

const imports = `import { api, HttpStatus, type Cookie, type Header, type Query, type StreamIn, type StreamInOut, type StreamOut } from 'encore.dev/api';
interface P { id: string }
interface R { n: number }
interface S { s: boolean }
`;

/** The only endpoint of an application with one module. */
async function endpointOf(module: string, more = ''): Promise<{ endpoint: Endpoint | undefined; named: object }> {
  const { services, schemas } = await graphOf(`-- a/a.ts --\n${imports}${module}\n${more}`);
  return { endpoint: services[0]?.endpoints[0], named: schemas };
}

async function problemsOf(module: string): Promise<string[]> {
  const { diagnostics } = await analyzeText(`-- a/a.ts --\n${imports}${module}\n`);
  return diagnostics.map(({ code, message, position }) => {
    const line = position && `${position.line - 5}:${position.column}`;
    return `${code} ${line} ${message.replaceAll('a.a', 'a')}`;
  });
}

const p = { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] };
const r = { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] };
const named: Record<string, object> = { '#/schemas/a.P': p, '#/schemas/a.R': r };
const whole = (schema: { $ref?: string } | undefined) => (schema?.$ref === undefined ? schema : named[schema.$ref]);

describe('a handler is', () => {
  test.each<[string, string]>([
    ['a function that is annotated', 'async function ({ id }: P): Promise<R> { return { n: id.length }; }'],
    ['one with a default for its parameter', "async ({ id }: P = { id: '' }): Promise<R> => ({ n: 1 })"],
    ['one with a default for its parameter, inferred', "async ({ id }: P = { id: '' }) => ({ n: id.length })"],
    ['one with `this`', 'async function (this: void, { id }: P): Promise<R> { return { n: id.length }; }'],
    ['one that satisfies a type', '(async ({ id }) => ({ n: id.length })) satisfies Handler'],
    ['one that is said to be of a type', '(async (_: any) => ({ n: 1 } as any)) as Handler'],
    ['a constant function', 'handle'],
    ['a method of an object', 'controller.get'],
    ['a method that is bound', 'new Controller().get.bind(new Controller())'],
    ['a static method', 'Controller.make'],
    ['a property that is a function', 'new Controller().arrow'],
    ['one in a typed wrapper', 'typed(async ({ id }: P): Promise<R> => ({ n: id.length }))'],
    ['one in a generic wrapper', 'generic(async ({ id }: P) => ({ n: id.length }))'],
    ['one in a wrapper of any arguments', 'spread(async ({ id }: P) => ({ n: id.length }))'],
    ['one in a wrapper that says nothing', 'untyped(async ({ id }: P): Promise<R> => ({ n: id.length }))'],
    ['one in two of them', 'untyped(generic(async ({ id }: P): Promise<R> => ({ n: id.length })))'],
    ['the last of its overloads', 'overloaded'],
    ['one that may give nothing', 'async (_: P): Promise<R | void> => {}'],
    ['one that may give nothing, inferred', 'async ({ id }: P) => (id ? { n: id.length } : undefined)'],
    ['one that promises a promise', 'async (_: P): Promise<Awaited<Promise<Promise<R>>>> => ({ n: 1 })'],
  ] as [string, string][])('%s', async (_, handler) => {
    const { endpoint } = await endpointOf(`
type Handler = (p: P) => Promise<R>;
const handle = async ({ id }: P) => ({ n: id.length });
class Controller {
  static async make({ id }: P) { return { n: id.length }; }
  async get({ id }: P) { return { n: id.length }; }
  arrow = async ({ id }: P) => ({ n: id.length });
}
const controller = new Controller();
const typed = (fn: (p: P) => Promise<R>) => async (p: P): Promise<R> => fn(p);
const generic = <A, B>(fn: (a: A) => Promise<B>) => async (a: A): Promise<B> => fn(a);
const spread = <A extends unknown[], B>(fn: (...args: A) => B) => (...args: A): B => fn(...args);
function untyped(fn: (...args: any[]) => any): (...args: any[]) => Promise<any> { return fn; }
function overloaded(p: string): Promise<string>;
function overloaded(p: P): Promise<R>;
async function overloaded(p: any): Promise<any> { return p; }
export const a = api({}, ${handler});`);
    expect(whole(endpoint?.request?.schema)).toEqual(p);
    expect(whole(endpoint?.response?.schema)).toEqual(r);
  });

  test.each<[string, string]>([
    ['an overload without a result', 'async (): Promise<void> => {}'],
    ['nothing returned', 'async () => {}'],
    ['undefined', 'async () => undefined'],
    ['never', "async () => { throw new Error('x'); }"],
  ])('one that gives %s', async (_, handler) => {
    const { endpoint } = await endpointOf(`export const a = api({}, ${handler});`);
    expect([endpoint?.request, endpoint?.response]).toEqual([undefined, undefined]);
  });

  test('one whose types are arguments of api, also of void', async () => {
    const { endpoint } = await endpointOf('export const a = api<void, R>({}, async () => ({ n: 1 }));');
    expect(endpoint?.request).toBeUndefined();
    expect(endpoint?.response?.schema).toEqual({ $ref: '#/schemas/a.R' });
  });

  test('one that literal types are kept of', async () => {
    const { endpoint } = await endpointOf("export const a = api({}, async () => ({ kind: 'a', n: 1 }) as const);");
    expect(endpoint?.response?.schema.properties).toEqual({
      kind: { type: 'string', const: 'a' },
      n: { type: 'number', const: 1 },
    });
  });

  test.each<[string, string, string[]]>([
    ['nothing', 'api({})', ['FL1308 0:18 the endpoint a has no handler']],
    ['text', "api({}, 'x')", ['FL1308 0:26 the handler of a is not a function']],
    ['a class', 'api({}, class {})', ['FL1308 0:26 the handler of a is not a function']],
    ['of no known type', 'api({}, null as any)', ['FL1308 0:26 the type of the handler of a is not known']],
    ['generic', 'api({}, async <T>(p: T) => {})', ['FL1308 0:26 the handler of a has type parameters']],
  ])('not %s', async (_, call, expected) => {
    expect(await problemsOf(`export const a = ${call};`)).toEqual(expected);
  });
});

describe('requests and responses are objects', () => {
  test.each<[string, string]>([
    ['an intersection', 'P & { more: string }'],
    ['a union', "{ k: 'a' } | { k: 'b' }"],
    ['an alias of a generic type', 'Partial<P>'],
    ['a class', 'InstanceType<typeof C>'],
    ['an index signature', 'Record<string, number>'],
    ['any object', 'object'],
    ['what is written as one', '{ secret: 1; toJSON(): object }'],
  ])('%s', async (_, type) => {
    expect(
      await problemsOf(`class C { id = ''; run() {} }
export const a = api({}, async (_: ${type}): Promise<${type}> => null!);`),
    ).toEqual([]);
  });

  test.each<[string, string]>([
    ['P[]', 'P[]'],
    ['number', 'number'],
    ['null', 'null'],
    ['R | null', 'R | null'],
    ['R | string', 'string | R'],
    ['any', 'any'],
    ['unknown', 'unknown'],
    ['Date', 'Date'],
    ['() => R', '() => R'],
    ['{ toJSON(): string }', '{ toJSON(): string; }'],
  ])('not %s', async (type, printed) => {
    expect(await problemsOf(`export const a = api({}, async (): Promise<${type}> => null!);`)).toEqual([
      `FL1309 0:36 the response of a is \`${printed}\`, not an object`,
    ]);
  });

  test('an index signature does not travel in the query string', async () => {
    expect(
      await problemsOf("export const a = api({ method: ['GET', 'POST'] }, async (_: Record<string, string>) => {});"),
    ).toEqual(['FL1310 0:61 the request of a: an index signature cannot travel in the query string']);
  });

  test.each<[string, 'GET' | 'POST']>([
    ['(string | number)[]', 'GET'],
    ["'a' | 1 | null", 'GET'],
    ['Query<Date[]>', 'POST'],
    ["Header<'a' | 'b', 'X'>", 'POST'],
    ['Cookie<number>', 'POST'],
    ['any', 'POST'],
  ])('a field of %s travels with %s', async (type, method) => {
    const call = `api({ method: '${method}' }, async (_: { x: ${type} }) => {})`;
    expect(await problemsOf(`export const a = ${call};`)).toEqual([]);
  });

  test.each(['any', 'unknown', '{ a: 1 }[]', 'string[][]', 'Uint8Array', 'Record<string, string>'])(
    'a field of %s does not travel with GET',
    async (type) => {
      const call = `api({ method: 'GET' }, async (_: { x: ${type} }) => {})`;
      expect(await problemsOf(`export const a = ${call};`)).toEqual([
        'FL1310 0:53 the request of a: `x` cannot travel in the query string',
      ]);
    },
  );
});

describe('where fields of an inferred response travel', () => {
  const wires = async (body: string) => {
    const { endpoint } = await endpointOf(`const HEADER: Header<'X-Made'> = 'x';
function cookie(): Cookie<'sid'> { return { value: 'x' }; }
const status = HttpStatus.Created;
export const a = api({}, async (_: { id: string }) => { ${body} });`);
    return endpoint?.response?.encodings[0]?.fields.map((field) => `${field.name}=${field.in}:${field.wire}`);
  };

  test.each<[string, string[]]>([
    ["const made: Header<'X-Made'> = 'x'; return { made };", ['made=header:x-made']],
    ['return { made: HEADER };', ['made=header:x-made']],
    ["return { made: 'x' as Header<'X-Made'> };", ['made=header:x-made']],
    ['return { sid: cookie() };', ['sid=cookie:sid']],
    ['return { status, n: 1 };', ['n=body:n', 'status=status:status']],
    ['return { status: _.id ? HttpStatus.OK : HttpStatus.Created };', ['status=status:status']],
    ['const s: HttpStatus = 200; return { s };', ['s=status:s']],
    ["return { status: _.id ? HttpStatus.OK : 'x' };", ['status=body:status']],
    ["const at: Query<'x'> = 'y'; return { at };", ['at=body:at']],
  ])('%s', async (body, expected) => {
    expect(await wires(body)).toEqual(expected);
  });

  test('a value of the type argument, of generic messages', async () => {
    const { named } = await endpointOf(`
interface Sent<T extends string | number> { at: Header<T, 'X-At'>; seen: Cookie<T, 'seen'> }
export const a = api({}, async (_: Sent<number>): Promise<Sent<'a' | 'b'>> => null!);`);
    expect(named).toMatchObject({
      'a.Sent_number': { properties: { at: { type: 'number' }, seen: { type: 'number' } } },
    });
  });
});

describe('streams', () => {
  const refs = (stream: Endpoint['stream']) =>
    [stream?.in, stream?.out].map((schema) => String(schema?.$ref).replace('#/schemas/a.', ''));
  const types = async (call: string) => {
    const { endpoint } = await endpointOf(`export const a = api.${call};`);
    const handshake = String(endpoint?.request?.schema.$ref).replace('#/schemas/a.', '');
    const response = String(endpoint?.response?.schema.$ref).replace('#/schemas/a.', '');
    return [handshake, ...refs(endpoint?.stream), response]
      .map((name) => (name === 'undefined' ? '-' : name))
      .join(' ');
  };

  test.each<[string, string]>([
    ['streamInOut<P, R>({}, async (stream) => {})', '- P R -'],
    ['streamInOut<S, P, R>({}, async (shake, stream) => {})', 'S P R -'],
    ['streamIn<P>({}, async (stream) => {})', '- P - -'],
    ['streamIn<P, R>({}, async (stream) => ({ n: 1 }))', '- P - R'],
    ['streamIn<S, P>({}, async (shake, stream) => {})', 'S P - -'],
    ['streamIn<S, P, R>({}, async (shake, stream) => ({ n: 1 }))', 'S P - R'],
    ['streamOut<R>({}, async (stream) => {})', '- - R -'],
    ['streamOut<S, R>({}, async (shake, stream) => {})', 'S - R -'],
    ['streamInOut({}, async (stream: StreamInOut<P, R>) => {})', '- P R -'],
    ['streamInOut({}, async (shake: S, stream: StreamInOut<P, R>) => {})', 'S P R -'],
    ['streamIn({}, async (stream: StreamIn<P>): Promise<R> => ({ n: 1 }))', '- P - R'],
    ['streamIn({}, async (stream: StreamIn<P>) => {})', '- P - -'],
    ['streamOut({}, async (shake: S, stream: StreamOut<R>) => {})', 'S - R -'],
    ['streamOut({}, listen)', '- - R -'],
  ])('%s', async (call, expected) => {
    expect(await types(`${call};\nasync function listen(stream: StreamOut<R>) {}`)).toBe(expected);
  });

  test.each<[string, string]>([
    [
      'streamInOut<P>({}, async (stream: any) => {})',
      'FL1309 0:34 the stream a has 1 type arguments instead of 2 or 3',
    ],
    [
      'streamOut<P, R, S>({}, async (a: any, b: any) => {})',
      'FL1309 0:32 the stream a has 3 type arguments instead of 1 or 2',
    ],
    ['streamOut({}, async (stream) => {})', 'FL1309 0:43 the stream a does not say the types of its messages'],
    ['streamIn({}, async () => {})', 'FL1309 0:35 the stream a does not say the types of its messages'],
    ['streamIn({})', 'FL1308 0:18 the stream a has no handler'],
  ])('%s is an error', async (call, expected) => {
    expect(await problemsOf(`export const a = api.${call};`)).toEqual([expected]);
  });
});

describe('auth handlers', () => {
  const auth = (handler: string, more = '') => `import { authHandler } from 'encore.dev/auth';
import { Gateway } from 'encore.dev/api';
${more}
interface Params { token: Header<'Authorization'>; at?: Query<Date, 'at'>; sid?: Cookie<'sid'> }
interface Data { userID: string; admin: boolean }
const auth = authHandler${handler};
export const gateway = new Gateway({ authHandler: auth });
export const a = api({}, async () => {});`;

  test.each<[string, string]>([
    ['annotated', '(async (p: Params): Promise<Data> => null!)'],
    ['with null for nobody', '(async (p: Params): Promise<Data | null> => null)'],
    ['by type arguments', '<Params, Data>(async (p) => null)'],
    ['inferred', "(async ({ token }: Params) => (token ? { userID: 'u', admin: true } : null))"],
    ['of a function elsewhere', '(check);\nasync function check(p: Params): Promise<Data | null> { return null }'],
  ])('%s', async (_, handler) => {
    const graph = await graphOf(`-- a/a.ts --\n${imports}${auth(handler)}\n`);
    const data = graph.authHandler?.data as { $ref?: string };
    const { properties } = data.$ref === undefined ? (graph.authHandler?.data ?? {}) : (graph.schemas['a.Data'] ?? {});
    expect(Object.keys(properties as object)).toEqual(['admin', 'userID']);
    const [encoding] = graph.authHandler?.request.encodings ?? [];
    expect(encoding?.methods).toHaveLength(9);
    expect(encoding?.fields.map((field) => `${field.name}=${field.in}:${field.wire}`)).toEqual([
      'at=query:at',
      'sid=cookie:sid',
      'token=header:authorization',
    ]);
  });

  test.each<[string, string, RegExp]>([
    ['without a handler', '()', /^FL1801 .* the auth handler has no function$/],
    ['of no function', '(5 as never as number)', /^FL1801 .* the auth handler is not a function$/],
    ['without parameters', '(async (): Promise<Data> => null!)', /^FL1802 .* takes nothing of a request$/],
    [
      'with a body',
      '(async (p: { a: string }): Promise<Data> => null!)',
      /^FL1802 .* `a` is no header, query parameter/,
    ],
    ['without data', '(async (p: Params): Promise<void> => {})', /^FL1803 .* gives no auth data$/],
    ['without a user', '(async (p: Params): Promise<{ id: string }> => null!)', /^FL1803 .* no field `userID`/],
    ['with a number for a user', '(async (p: Params): Promise<{ userID: number }> => null!)', /^FL1803 /],
    [
      'with an object in a header',
      '(async (p: { a: Header<any> }): Promise<Data> => null!)',
      /^FL1310 .* `a` cannot travel/,
    ],
  ])('%s', async (_, handler, expected) => {
    const found = await problemsOf(auth(handler));
    expect(found.filter((text) => expected.test(text))).toHaveLength(1);
  });
});
