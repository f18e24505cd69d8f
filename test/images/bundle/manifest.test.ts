import { expect, test } from '@jest/globals';
import { createManifest, primitivesOf } from '../../../images/bundle/manifest.ts';
import { type Process, processesOf } from '../../../pipeline/mod.ts';
import { authHandler, bucket, gateway as gatewayPart, use } from '../../support/graph.ts';
import { endpoint, graph, service, shop, topic } from '../sample.ts';

const [gateway, mail, orders, stock] = processesOf(shop, 'per-service') as [Process, Process, Process, Process];
const [app] = processesOf(shop, 'all-in-one') as [Process];

test('all in one hosts everything and reaches nothing outside', () => {
  const manifest = createManifest(shop, app);
  expect(manifest.services.map(({ name }) => name)).toEqual(['mail', 'orders', 'stock']);
  expect(manifest).toMatchObject({ remote: [], routes: [], gateways: ['api-gateway'] });
  expect(manifest.topics.map(({ name }) => name)).toEqual(['placed']);
  expect(Object.keys(manifest.schemas)).toEqual(['Item', 'NewOrder', 'Order', 'Placed', 'Stock']);
});

test('the gateway knows the routes of all exposed endpoints, and no schema', () => {
  expect(createManifest(shop, gateway)).toEqual({
    version: 1,
    application: 'sample',
    services: [],
    remote: [],
    routes: [
      { service: 'orders', endpoint: 'create', kind: 'typed', auth: false, methods: ['POST'], path: '/orders' },
      { service: 'orders', endpoint: 'get', kind: 'typed', auth: false, methods: ['GET'], path: '/orders/:id' },
      { service: 'stock', endpoint: 'count', kind: 'typed', auth: false, methods: ['GET'], path: '/count' },
    ],
    gateways: ['api-gateway'],
    topics: [],
    cronJobs: [],
    schemas: {},
  });
});

test('the gateway knows the headers that pages may send to those routes and read from them', () => {
  const fields = (...names: string[]) => [
    { name: 'item', in: 'body' as const, wire: 'item' },
    ...names.map((wire) => ({ name: wire, in: 'header' as const, wire })),
  ];
  const create = endpoint('create', 'orders/orders.ts', {
    exposed: true,
    request: {
      schema: {},
      encodings: [
        { methods: ['POST'], fields: fields('x-token', 'x-count') },
        { methods: ['GET'], fields: fields('x-token') },
      ],
    },
    response: { schema: {}, encodings: [{ methods: ['POST', 'GET'], fields: fields('x-next') }] },
  });
  expect(createManifest(graph({ services: [service('orders', [create])] }), gateway).routes).toMatchObject([
    { requestHeaders: ['x-count', 'x-token'], responseHeaders: ['x-next'] },
  ]);
});

test('a service knows the endpoints it calls, the topics it uses, and the schemas of those', () => {
  const manifest = createManifest(shop, mail);
  expect(manifest.remote.map(({ name, endpoints }) => [name, endpoints.map((e) => e.name)])).toEqual([
    ['orders', ['get']],
  ]);
  expect(manifest.topics.map(({ name }) => name)).toEqual(['placed']);
  expect(Object.keys(manifest.schemas)).toEqual(['Item', 'Order', 'Placed']);
  expect(manifest).toMatchObject({ routes: [], gateways: [], cronJobs: [] });
  expect(manifest.services[0]!.subscriptions[0]).not.toHaveProperty('position');
});

test('a cron job belongs to the process that hosts its endpoint', () => {
  expect(createManifest(shop, orders).cronJobs).toEqual([{ name: 'sweep', service: 'orders', endpoint: 'sweep' }]);
  expect(createManifest(shop, stock).cronJobs).toEqual([]);
});

test('who asks is known everywhere, and how to find out where that is done', () => {
  const data = { $ref: '#/schemas/User' };
  const parameter = { schema: { $ref: '#/schemas/Credentials' }, encodings: [] };
  const authenticated = graph({
    ...shop,
    gateway: gatewayPart({ authenticates: true }),
    authHandler: authHandler({ service: 'stock', request: parameter, data }),
    schemas: { ...shop.schemas, User: { type: 'object' }, Credentials: { type: 'object' } },
  });
  const asks = { service: 'stock', name: 'auth', request: parameter };
  const manifests = [gateway, mail, stock].map((process) => createManifest(authenticated, process));
  expect(manifests.map(({ authHandler, authData }) => [authHandler, authData])).toEqual([
    [asks, data],
    [undefined, data],
    [asks, data],
  ]);
  expect(manifests.map(({ schemas }) => ['User', 'Credentials'].filter((name) => name in schemas))).toEqual([
    ['User', 'Credentials'],
    ['User'],
    ['User', 'Credentials'],
  ]);
});

test('a schema that refers to itself is reached once', () => {
  expect(Object.keys(createManifest(shop, stock).schemas)).toEqual(['Stock']);
});

test('a change in another service leaves the manifest byte for byte the same', () => {
  const changed = graph({
    ...shop,
    services: [
      ...shop.services.slice(0, 2),
      service('stock', [endpoint('count', 'stock/moved.ts', { path: '/other' }), endpoint('add', 'stock/stock.ts')]),
      service('tax', []),
    ],
    topics: [...shop.topics, topic('taxed')],
    schemas: { ...shop.schemas, Stock: { type: 'string' }, Tax: {} },
  });
  for (const process of [mail, orders])
    expect(JSON.stringify(createManifest(changed, process))).toBe(JSON.stringify(createManifest(shop, process)));
  expect(createManifest(changed, stock)).not.toEqual(createManifest(shop, stock));
});

test('a process has the parts of the runtime for what it uses, and a gateway that for URLs of objects', () => {
  const photos = { kind: 'bucket' as const, name: 'photos' };
  const site = { kind: 'assets' as const, assets: { directory: 'stock/site', headers: {} } };
  const album = (parts: Partial<Parameters<typeof graph>[0]>) =>
    graph({ ...shop, buckets: [bucket('photos')], uses: [...shop.uses, use('stock', photos, ['download'])], ...parts });
  const before = primitivesOf(shop, stock);
  expect(primitivesOf(album({}), stock)).toEqual([...before, 'buckets']);
  expect(primitivesOf(album({}), gateway)).toEqual([]);
  expect(primitivesOf(album({ buckets: [bucket('photos', { public: true })] }), gateway)).toEqual(['objectUrls']);
  expect(primitivesOf(album({ uses: [use('stock', photos, ['sign-upload'])] }), gateway)).toEqual(['objectUrls']);
  const services = shop.services.map((one) =>
    one.name === 'stock' ? { ...one, endpoints: [...one.endpoints, endpoint('site', 'stock/stock.ts', site)] } : one,
  );
  expect(primitivesOf(album({ services, uses: [] }), stock)).toEqual([...before, 'assets']);
});
