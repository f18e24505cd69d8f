// Every export of the runtime, used as applications use it: it has to type-check. It is compiled, and never run.
import { type AppMeta, appMeta, currentRequest, type RequestMeta, type TraceData } from 'encore.dev';
import {
  APIError,
  type APIOptions,
  api,
  type CallOpts,
  type Cookie,
  type CookieWithOptions,
  ErrCode,
  type ErrDetails,
  Gateway,
  type HandlerResponse,
  type Header,
  HttpStatus,
  type Method,
  type MiddlewareOptions,
  type MiddlewareRequest,
  middleware,
  type Next,
  type Query,
  type RawHandler,
  type RawRequest,
  type RawResponse,
  type StaticAssets,
  type StreamIn,
  type StreamInOut,
  type StreamOptions,
  type StreamOut,
  type StreamOutWithResponse,
} from 'encore.dev/api';
import { type AuthHandler, authHandler } from 'encore.dev/auth';
import { type Secret, secret } from 'encore.dev/config';
import { CronJob } from 'encore.dev/cron';
import log, { LogLevel } from 'encore.dev/log';
import { Counter, CounterGroup, Gauge, GaugeGroup } from 'encore.dev/metrics';
import { type Attribute, type AttributesOf, type Publisher, Subscription, Topic } from 'encore.dev/pubsub';
import { Service } from 'encore.dev/service';
import {
  CacheCluster,
  CacheError,
  CacheKeyExists,
  CacheMiss,
  type Expiry,
  expireDailyAt,
  expireIn,
  expireInHours,
  expireInMinutes,
  expireInSeconds,
  FloatKeyspace,
  IntKeyspace,
  type KeyspaceConfig,
  keepTTL,
  NumberListKeyspace,
  NumberSetKeyspace,
  neverExpire,
  StringKeyspace,
  StringListKeyspace,
  StringSetKeyspace,
  StructKeyspace,
  type WriteOptions,
} from 'encore.dev/storage/cache';
import {
  type Attrser,
  Bucket,
  type Downloader,
  type ListEntry,
  type Lister,
  type ObjectAttrs,
  ObjectNotFound,
  ObjectsError,
  PreconditionFailed,
  type PublicUrler,
  type ReadWriter,
  type Remover,
  type SignedDownloader,
  type SignedUploader,
  type Uploader,
} from 'encore.dev/storage/objects';
import { type Connection, type Row, SQLDatabase, type Transaction } from 'encore.dev/storage/sqldb';
import { Decimal, type DurationString } from 'encore.dev/types';
import type {
  EndsWith,
  IsEmail,
  IsURL,
  MatchesRegexp,
  Max,
  MaxLen,
  Min,
  MinLen,
  StartsWith,
} from 'encore.dev/validate';

// --- Typed endpoints, where parameters travel, validation ---

interface CreateUser {
  name: string & MinLen<3> & MaxLen<40>;
  contact: string & (IsEmail | IsURL);
  age?: number & Min<18> & Max<130>;
  slug: string & MatchesRegexp<'^[a-z-]+$'> & StartsWith<'u-'> & EndsWith<'-x'>;
  friends: Array<string & IsEmail> & MaxLen<10>;
  kind: ('person' | 'robot') & MinLen<5>;
  language: Header<'Accept-Language'>;
  retries: Header<number, 'X-Retries'>;
  plain: Header;
  page?: Query<number> & Min<1>;
  words: Query<string[], 'word'>;
  session: Cookie<'session'>;
  consent: Cookie<boolean, 'consent'>;
}

interface User {
  status: HttpStatus;
  location: Header<'Location'>;
  session: Cookie<string, 'session'>;
  id: bigint;
  price: Decimal;
  created: Date;
}

const options: APIOptions = {
  method: ['POST', 'PUT'] satisfies Method[],
  path: '/users',
  expose: true,
  bodyLimit: null,
};

export const create = api(options, async (request: CreateUser): Promise<User> => {
  const cookie: CookieWithOptions<string> = request.session;
  const allowed: boolean = request.consent.value;
  const text: string = request.name.toUpperCase() + request.language + cookie.value + (request.kind === 'robot');
  const numbers: number = (request.age ?? 0) + request.retries + (request.page ?? 1) + request.friends.length;
  return {
    status: allowed ? HttpStatus.Created : HttpStatus.NoContent,
    location: text,
    session: { value: 'x', maxAge: 60, sameSite: 'Lax', httpOnly: true },
    id: BigInt(numbers),
    price: new Decimal('1.10'),
    created: new Date(),
  };
});
export const sync = api<{ a: string }, { b: number }>({ method: '*', tags: ['x'] }, ({ a }) => ({ b: a.length }));
export const nothing = api({ sensitive: true, auth: true }, async () => {});

export const wanted: CreateUser = {
  name: 'ann',
  contact: 'ann@example.org',
  slug: 'u-ann-x',
  friends: ['bob@example.org'],
  kind: 'person',
  language: 'en',
  retries: 1,
  plain: '',
  words: ['a'],
  session: { value: '1' },
  consent: { value: true },
};
// @ts-expect-error a rule does not change the type
export const unwanted: number & Min<3> = 'three';

export async function direct(): Promise<void> {
  const { id } = await create(wanted);
  const { b } = await sync({ a: String(id) });
  await nothing();
  const details: ErrDetails = { b };
  const error = new APIError(ErrCode.NotFound, 'gone', new Error('why'), details);
  if (error.code === 'not_found') throw APIError.unavailable('later', error).withDetails({ again: true });
}

// --- Raw endpoints and files ---

export const hook: RawHandler = api.raw({ expose: true, path: '/hook', method: 'POST' }, async (req, resp) => {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk);
  resp.writeHead(200, { 'content-type': req.headers['content-type'] ?? 'text/plain' });
  resp.end(Buffer.concat(chunks));
});
export const assets: StaticAssets = api.static({
  expose: true,
  path: '/site/*path',
  dir: './site',
  notFound: './site/404.html',
  notFoundStatus: 404,
  headers: { 'cache-control': 'no-cache', vary: ['accept', 'origin'] },
});

// --- Streams ---

interface Hello {
  room: string;
}
interface Said {
  text: string;
}
interface Heard {
  count: number;
}
const stream: StreamOptions = { expose: true, path: '/chat', auth: false, tags: ['chat'], sensitive: true };

export const chat = api.streamInOut<Hello, Said, Heard>(stream, async (handshake, messages) => {
  for await (const { text } of messages) await messages.send({ count: text.length + handshake.room.length });
  await messages.close();
});
export const plainChat = api.streamInOut<Said, Heard>(stream, async (messages: StreamInOut<Said, Heard>) => {
  await messages.send({ count: (await messages.recv()).text.length });
});
export const upload1 = api.streamIn<Said>(stream, async (messages) => {
  for await (const { text } of messages) log.info(text);
});
export const upload2 = api.streamIn<Said, Heard>(stream, async (messages) => {
  let count = 0;
  for await (const { text } of messages) count += text.length;
  return { count };
});
export const upload2h = api.streamIn<Hello, Said>(stream, async (handshake, messages) => {
  for await (const { text } of messages) log.info(text, { room: handshake.room });
});
export const upload2a = api.streamIn<Hello, Said>(stream, async (_handshake: Hello, messages: StreamIn<Said>) => {
  await messages.recv();
});
export const upload3 = api.streamIn<Hello, Said, Heard>(stream, async (handshake, messages) => {
  return { count: (await messages.recv()).text.length + handshake.room.length };
});
export const feed = api.streamOut<Heard>(stream, async (messages) => {
  await messages.send({ count: 1 });
  // @ts-expect-error a message of another type
  await messages.send({ text: '' });
});
export const roomFeed = api.streamOut<Hello, Heard>(stream, async (handshake, messages: StreamOut<Heard>) => {
  await messages.send({ count: handshake.room.length });
  await messages.close();
});
export async function caller(sent: StreamOutWithResponse<Said, Heard>): Promise<number> {
  await sent.send({ text: 'x' });
  await sent.close();
  return (await sent.response()).count;
}

// --- Middleware, services, authentication ---

const timed = middleware(async (req, next) => {
  req.data.started = performance.now();
  const response = await next(req);
  response.header.set('x-took', String(performance.now() - req.data.started));
  response.header.add('vary', ['accept', 'origin']);
  return response;
});
const target: MiddlewareOptions = { target: { expose: true, auth: false, isRaw: false, isStream: false, tags: ['x'] } };
const tagged = middleware(target, async (req: MiddlewareRequest, next: Next): Promise<HandlerResponse> => {
  const { requestMeta, stream: messages, rawRequest, rawResponse } = req;
  const raw: [RawRequest | undefined, RawResponse | undefined] = [rawRequest, rawResponse];
  if (requestMeta?.type === 'api-call' && !messages && !raw[0]) log.info(requestMeta.api.endpoint);
  raw[1]?.setHeader('x-raw', raw[0]?.method ?? '');
  const response = await next(req);
  response.payload = { ...response.payload, extra: true };
  response.status = HttpStatus.Accepted;
  return response;
});

// biome-ignore lint/style/noDefaultExport: a service is the default export of its module
export default new Service('users', { middlewares: [timed, middleware({ target: { tags: ['y'] } }, tagged)] });
export const bare = new Service('bare');

interface AuthParams {
  authorization: Header<'Authorization'>;
  session?: Cookie<'session'>;
  token?: Query<'token'>;
}
interface AuthData {
  userID: string;
  roles: string[];
}
const auth = authHandler<AuthParams, AuthData>(async (params) => {
  if (params.session?.value === '') throw APIError.unauthenticated('bad session');
  return params.authorization === '' ? null : { userID: params.token ?? '1', roles: [] };
});
export const inferred: AuthHandler<AuthParams, AuthData> = authHandler(
  async (_params: AuthParams): Promise<AuthData> => ({ userID: '1', roles: [] }),
);
// @ts-expect-error auth data has a userID
authHandler<AuthParams, { name: string }>(async () => ({ name: 'x' }));
export const gateway = new Gateway({ authHandler: auth });
export const open = new Gateway({});

declare module 'encore.dev/api' {
  interface CallOpts {
    authData?: AuthData;
  }
}
export const callOpts: CallOpts = { authData: { userID: '1', roles: ['admin'] } };

// --- The application and the request ---

export function about(): unknown[] {
  const app: AppMeta = appMeta();
  const hosted: { name: string } | undefined = app.deploy.hostedServices.users;
  const request: RequestMeta | undefined = currentRequest();
  const trace: TraceData | undefined = request?.trace;
  if (request?.type === 'pubsub-message') return [request.topic, request.deliveryAttempt, trace];
  if (request?.type === 'api-call') return [request.pathParams.id, request.middlewareData?.started, request.headers];
  return [app.environment.cloud === 'local', app.build.revision, hosted];
}

// --- Secrets, cron jobs, logs, types ---

const key: Secret<'StripeKey'> = secret('StripeKey');
export const hourly = new CronJob('hourly', { title: 'Tidy up', every: '1h', endpoint: nothing });
export const nightly = new CronJob('nightly', { schedule: '0 4 * * *', endpoint: nothing });
export function logs(duration: DurationString): void {
  log
    .with({ duration })
    .withLevel(LogLevel.Debug)
    .trace('x', { name: key.name, masked: `${key}`, length: key().length });
  log.warn(new Error('x'), 'what', { a: 1 });
  log.debug(new Decimal(1).add('2').sub(3n).mul(4).div(new Decimal(5)).value);
}

// --- Messages ---

interface Signup {
  userID: Attribute<string>;
  urgent: Attribute<boolean>;
  at: Date;
}
const ordering: AttributesOf<Signup> = 'userID';
export const signups = new Topic<Signup>('signups', {
  deliveryGuarantee: 'exactly-once',
  orderingAttribute: ordering,
});
const publisher: Publisher<Signup> = signups.ref<Publisher<Signup>>();
export const welcome = new Subscription(signups, 'welcome', {
  handler: async (message) => {
    await publisher.publish({ userID: message.userID, urgent: !message.urgent, at: message.at });
  },
  maxConcurrency: 5,
  ackDeadline: '1m30s',
  messageRetention: '24h',
  retryPolicy: { minBackoff: '1s', maxBackoff: '10m', maxRetries: 3 },
});

// --- Databases ---

interface UserRow {
  id: number;
  name: string;
}
export const db = new SQLDatabase('users', { migrations: { path: './migrations', source: 'drizzle' } });
export const other = SQLDatabase.named('billing');
// @ts-expect-error the analyzer has to read the name
SQLDatabase.named(String('billing'));

export async function queries(id: number): Promise<string> {
  for await (const row of db.query<UserRow>`SELECT * FROM users WHERE id = ${id}`) log.info(row.name);
  for await (const row of db.rawQuery<UserRow>('SELECT * FROM users WHERE id = $1', id)) log.info(row.name);
  const all: UserRow[] = await db.queryAll<UserRow>`SELECT * FROM users`;
  const raw: Row[] = await db.rawQueryAll('SELECT * FROM users WHERE id = ANY($1)', [all.length, id]);
  const one: UserRow | null = await db.queryRow<UserRow>`SELECT ${{ json: true }}, ${new Date()}, ${undefined}`;
  const same: UserRow | null = await db.rawQueryRow<UserRow>('SELECT 1', null, 1n, Buffer.from(''), true);
  await db.exec`DELETE FROM users WHERE name = ANY(${['a', 'b']})`;
  await db.rawExec('DELETE FROM users');
  const connection: Connection = await db.acquire();
  await connection.exec`SELECT 1`;
  await connection.close();
  await using tx: Transaction = await db.begin();
  await tx.rawExec('SELECT 1');
  await (one ? tx.commit() : tx.rollback());
  return db.connectionString + raw.length + same?.name;
}

// --- Buckets ---

export const pictures = new Bucket('pictures', { public: true, versioned: true });
export const invoices = Bucket.named('invoices');
// @ts-expect-error the analyzer has to read the name
Bucket.named(String('invoices'));

export async function objects(): Promise<unknown> {
  const attrs: ObjectAttrs = await pictures.upload('a.png', Buffer.from('x'), {
    contentType: 'image/png',
    preconditions: { notExists: true },
  });
  const entries: ListEntry[] = [];
  for await (const entry of pictures.list({ prefix: 'a', limit: 10 })) entries.push(entry);
  for await (const { name, size, etag } of pictures.list()) log.info(name, { size, etag });
  const version = attrs.version !== undefined && { version: attrs.version };
  const text: string = (await pictures.download('a.png', { ...version })).toString('utf8');
  if (await pictures.exists('a.png', { ...version })) await pictures.attrs('a.png');
  const { url } = await pictures.signedUploadUrl('b.png', { ttl: 60 });
  const signed = await pictures.signedDownloadUrl('b.png', { ttl: 7200 });
  await pictures.remove('a.png', { ...version });
  return [entries, text, url, signed.url, pictures.publicUrl('a.png')];
}

async function store(bucket: Uploader & Remover): Promise<void> {
  await bucket.upload('x', Buffer.alloc(1));
  await bucket.remove('x');
}
async function read(bucket: Downloader & Attrser & Lister): Promise<void> {
  try {
    await bucket.download('x');
    await bucket.exists('x');
    for await (const { name } of bucket.list({})) log.info(name);
  } catch (error) {
    if (error instanceof ObjectNotFound || error instanceof PreconditionFailed) return;
    if (error instanceof ObjectsError) log.warn(error);
  }
}
const links = async (bucket: SignedUploader & SignedDownloader & PublicUrler): Promise<string[]> => [
  (await bucket.signedUploadUrl('x')).url,
  (await bucket.signedDownloadUrl('x')).url,
  bucket.publicUrl('x'),
];
export async function handedAround(): Promise<void> {
  await store(pictures.ref<Uploader & Remover>());
  await read(pictures.ref<ReadWriter>());
  await links(pictures.ref<SignedUploader & SignedDownloader & PublicUrler>());
  // @ts-expect-error a reference can do what it is for, and no more
  await pictures.ref<Lister>().remove('x');
}

// --- Caches ---

export const cluster = new CacheCluster('main', { evictionPolicy: 'volatile-ttl' });
export const session = CacheCluster.named('session');
const expiries: Expiry[] = [
  expireIn(1500),
  expireInSeconds(30),
  expireInMinutes(5),
  expireInHours(1),
  expireDailyAt(4, 30, 0),
  neverExpire,
  keepTTL,
];
interface Visit {
  user: string;
  page: number;
}
interface Profile {
  name: string;
}
const perVisit: KeyspaceConfig<Visit> = { keyPattern: 'visits/:user/:page', defaultExpiry: expireInHours(1) };
const brief: WriteOptions = { expiry: expireInSeconds(1) };
const texts = new StringKeyspace<string>(cluster, { keyPattern: 'texts/:key' });
const visits = new IntKeyspace<Visit>(cluster, perVisit);
const rates = new FloatKeyspace<string>(cluster, { keyPattern: 'rates/:key' });
const profiles = new StructKeyspace<number, Profile>(cluster, { keyPattern: 'profiles/:id', defaultExpiry: keepTTL });
const lists = new StringListKeyspace<string>(cluster, { keyPattern: 'lists/:key' });
const scores = new NumberListKeyspace<string>(cluster, { keyPattern: 'scores/:key' });
const tags = new StringSetKeyspace<string>(cluster, { keyPattern: 'tags/:key' });
const lucky = new NumberSetKeyspace<string>(cluster, { keyPattern: 'lucky/:key' });

export async function basic(): Promise<unknown[]> {
  try {
    await texts.setIfNotExists('a', 'x', brief);
    await texts.with({ expiry: neverExpire }).replace('a', 'y');
  } catch (error) {
    if (error instanceof CacheKeyExists || error instanceof CacheMiss) log.info(error.message);
    if (error instanceof CacheError) throw error;
  }
  await texts.multiSet([['a', 'x']], { expiry: expiries[0] ?? keepTTL });
  const several: (string | undefined)[] = await texts.multiGet('a', 'b');
  const text: string | undefined = await texts.getAndSet('a', 'z');
  const lengths: number[] = [await texts.append('a', 'x'), await texts.setRange('a', 1, 'y'), await texts.len('a')];
  const visit: Visit = { user: 'ann', page: 1 };
  await visits.set(visit, 1, brief);
  const counts: number[] = [await visits.increment(visit), await visits.decrement(visit, 2, brief)];
  const rate: number = (await rates.increment('eur', 0.5)) + (await rates.decrement('eur'));
  await profiles.set(1, { name: 'ann' });
  // @ts-expect-error a value of another type
  await profiles.set(1, { title: 'ann' });
  const profile: Profile | undefined = (await profiles.get(1)) ?? (await profiles.getAndDelete(1));
  const gone: number = await profiles.delete(1, 2);
  return [several, text, lengths, counts, rate, profile, gone, await texts.getRange('a', 0, -1)];
}

export async function listsOf(): Promise<unknown[]> {
  await lists.pushLeft('a', 'x', 'y');
  await scores.pushRight('a', 1, 2.5);
  await lists.trim('a', 0, 9);
  await scores.set('a', 0, 3);
  const first: string | undefined = (await lists.popLeft('a')) ?? (await lists.popRight('a', brief));
  const score: number | undefined = await scores.get('a', -1);
  const moved: string | undefined = await lists.move('a', 'b', 'left', 'right');
  const items: number[] = [...(await scores.items('a')), ...(await scores.getRange('a', 0, 1))];
  await lists.insertBefore('a', 'x', 'w');
  await lists.insertAfter('a', 'x', 'z', brief);
  const removed =
    (await lists.removeAll('a', 'x')) + (await scores.removeFirst('a', 2, 1)) + (await lists.removeLast('a', 1, 'x'));
  return [first, score, moved, items, removed, await lists.len('a')];
}

export async function setsOf(): Promise<unknown[]> {
  await tags.add('a', 'x', 'y');
  await lucky.remove('a', 7);
  const some: string[] = [...(await tags.pop('a', 2)), ...(await tags.sample('a', 2)), ...(await tags.items('a'))];
  const one: number | undefined = (await lucky.popOne('a')) ?? (await lucky.sampleOne('a'));
  const sets: Set<number>[] = [
    await lucky.itemsSet('a'),
    await lucky.diffSet('a', 'b'),
    await lucky.intersectSet('a', 'b'),
    await lucky.unionSet('a', 'b'),
  ];
  const lists: string[][] = [await tags.diff('a', 'b'), await tags.intersect('a', 'b'), await tags.union('a', 'b')];
  const stored: number =
    (await tags.diffStore('c', 'a', 'b')) + (await tags.intersectStore('c', 'a')) + (await tags.unionStore('c', 'a'));
  const moved: boolean = (await tags.move('a', 'b', 'x')) || (await tags.contains('b', 'x'));
  return [some, one, sets, lists, stored, moved, await lucky.sampleWithReplacement('a', 9), await tags.len('a')];
}

// --- Metrics ---

interface Labels {
  country: string;
  tier: number;
  paid: boolean;
}
const orders = new Counter('orders');
const ordersBy = new CounterGroup<Labels>('orders_by', {});
const load = new Gauge('load');
const loadBy = new GaugeGroup<{ queue: string }>('load_by');
export function measure(): void {
  orders.increment();
  orders.ref().increment(2);
  ordersBy.with({ country: 'at', tier: 1, paid: true }).increment();
  load.ref().set(0.5);
  loadBy.with({ queue: 'mail' }).set(3);
  // @ts-expect-error a label that is not declared
  loadBy.with({ stack: 'mail' }).set(3);
}
