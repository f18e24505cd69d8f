import { expect, test } from '@jest/globals';
import { createEntry } from '../../../images/bundle/entry.ts';
import { type Process, processesOf } from '../../../pipeline/mod.ts';
import { endpoint, graph, service, shop } from '../sample.ts';

const processes = processesOf(shop, 'per-service');
const entryOf = (name: string) => createEntry(shop, processes.find((process) => process.name === name)!);
const imports = (text: string) => text.split('\n').filter((line) => line.startsWith('import'));

test('the entry imports the modules of its services, each once, and starts the runtime with the handlers', () => {
  const text = entryOf('orders');
  expect(imports(text)).toEqual([
    `import { start } from 'encore.dev/internal/start';`,
    `import * as m0 from "./orders/orders.ts";`,
    `import * as m1 from "./orders/sweep.ts";`,
  ]);
  expect(text).toContain(
    'const handlers = {\n  "orders.create": m0["create"],\n  "orders.get": m0["get"],\n  "orders.sweep": m1["sweep"],\n};\n',
  );
  expect(text).toMatch(/await start\(\{ manifest, handlers, services, modules \}\);\n$/);
});

test('a module with subscriptions is imported for its effect', () => {
  expect(imports(entryOf('mail'))).toContain(`import * as m0 from "./mail/mail.ts";`);
});

test('the gateway imports the runtime alone', () => {
  expect(imports(entryOf('gateway'))).toEqual([`import { start } from 'encore.dev/internal/start';`]);
});

test('with worker pooling the entry first has workers started', () => {
  const text = createEntry({ ...shop, settings: { workerPooling: true } }, processes[0]!);
  expect(imports(text).slice(0, 2)).toEqual([
    `import "fairlead:workers";`,
    `import { start } from 'encore.dev/internal/start';`,
  ]);
});

test('names of the application cannot break out of the text', () => {
  const evil = '"];process.exit();["\u2028';
  const process: Process = { name: evil, services: [evil], gateway: false };
  const text = createEntry(
    graph({ services: [service(evil, [endpoint('__proto__', 'a".ts', { doc: evil, path: evil })])] }),
    process,
  );
  const run = new Function('start', 'm0', text.replace(/^import.*\n/gm, '').replace('await start', 'return start'));
  const { manifest } = run((options: unknown) => options, { __proto__: null });
  expect(manifest.services[0].name).toBe(evil);
  expect(manifest.services[0].endpoints[0]).toMatchObject({ name: '__proto__', path: evil });
});
