import { expect, test } from '@jest/globals';
import { graphOf } from './application.ts';

const api = "import { api } from 'encore.dev/api';\n";
const declare = (name: string) => `${api}export const ${name} = api({}, async (): Promise<void> => {});\n`;

/** `name directory declaration: endpoints` of every service. */
async function servicesOf(text: string): Promise<string[]> {
  const { services } = await graphOf(text);
  return services.map(
    ({ name, directory, declaration, endpoints }) =>
      `${name} ${directory} ${declaration}: ${endpoints.map((endpoint) => endpoint.name).join(' ')}`,
  );
}

test('an encore.service.ts names the service of its directory and all below', async () => {
  expect(
    await servicesOf(`-- deep/orders/encore.service.ts --
import { Service } from 'encore.dev/service';
export default new Service('orders-v2');
-- deep/orders/a.ts --
${declare('a')}
-- deep/orders/inner/b.ts --
${declare('b')}`),
  ).toEqual(['orders-v2 deep/orders explicit: a b']);
});

test('a service without endpoints is one', async () => {
  expect(
    await servicesOf(`-- empty/encore.service.ts --
import * as encore from 'encore.dev/service';
export default new encore.Service('empty');`),
  ).toEqual(['empty empty explicit: ']);
});

test('the topmost directory with an endpoint or a subscription is a service', async () => {
  expect(
    await servicesOf(`-- a/deep/x.ts --
${declare('x')}
-- a/y.ts --
${declare('y')}
-- b/inner/z.ts --
${declare('z')}
-- c/sub.ts --
import { Subscription } from 'encore.dev/pubsub';
import { topic } from '../lib/topic.ts';
new Subscription(topic, 's', { handler: async () => {} });
-- lib/topic.ts --
import { Topic } from 'encore.dev/pubsub';
export const topic = new Topic<{ a: 1 }>('t', { deliveryGuarantee: 'at-least-once' });`),
  ).toEqual(['a a implicit: x y', 'c c implicit: ', 'inner b/inner implicit: z']);
});

test('an endpoint at the root makes one service, of the application’s name', async () => {
  expect(await servicesOf(`-- a.ts --\n${declare('a')}\n-- b/b.ts --\n${declare('b')}`)).toEqual([
    'app . implicit: a b',
  ]);
});

test.each([
  [
    'encore.app',
    `-- encore.app --\n{ // comments are fine\n "id": "from-app", }\n-- fairlead.json --\n{ "name": "from-fairlead" }`,
    'from-app',
  ],
  [
    'fairlead.json when encore.app has no id',
    `-- encore.app --\n{ "id": "" }\n-- fairlead.json --\n{ "name": "from-fairlead" }`,
    'from-fairlead',
  ],
  ['package.json without its scope', '', 'app'],
])('the application is named by %s', async (_, text, expected) => {
  expect((await graphOf(`-- a/a.ts --\n${declare('a')}\n${text}`)).application).toBe(expected);
});

test('tests, declarations, hidden and generated files are no sources', async () => {
  const broken = 'this is not TypeScript at all (';
  const ignored = [
    'a/x.test.ts',
    'a/x.spec.tsx',
    'a/x.d.ts',
    'a/__tests__/x.ts',
    'a/.x/x.ts',
    'encore.gen/x.ts',
    'node_modules/x/x.ts',
    'a/dist/x.ts',
    'a/x.js',
  ];
  expect(
    await servicesOf(`-- a/a.ts --\n${declare('a')}\n${ignored.map((path) => `-- ${path} --\n${broken}\n`).join('')}`),
  ).toEqual(['a a implicit: a']);
});

test('.mts and .tsx are sources', async () => {
  expect(await servicesOf(`-- a/a.mts --\n${declare('a')}\n-- a/b.tsx --\n${declare('b')}`)).toEqual([
    'a a implicit: a b',
  ]);
});

test('an application may have whatever version of encore.dev installed: the kit’s own is used', async () => {
  expect(
    await servicesOf(`-- a/a.ts --\n${declare('a')}
-- node_modules/encore.dev/package.json --
{ "name": "encore.dev", "exports": { "./api": { "types": "./api.d.ts" } } }
-- node_modules/encore.dev/api.d.ts --
export {};`),
  ).toEqual(['a a implicit: a']);
});
