import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { directoryWith } from './fairlead.ts';

/** What `GET /hello/:name` says in a version of the application. */
export const greetings = { first: 'Hello', second: 'Good day' };

const greeter = (greeting: string) => `
import { api } from 'encore.dev/api';
import { secret } from 'encore.dev/config';

const signature = secret('Signature');
const seal = secret('Seal');

export const greet = api({ method: 'GET', path: '/greet/:name' }, async ({ name }: { name: string }): Promise<{ text: string }> => {
  return { text: '${greeting}, ' + name + signature() + seal() };
});
`;

const door = `
import { api } from 'encore.dev/api';
import { greeter } from '~encore/clients';

export const hello = api({ expose: true, method: 'GET', path: '/hello/:name' }, async ({ name }: { name: string }): Promise<{ text: string }> => {
  return greeter.greet({ name });
});
`;

/** A copy of an application of two services, one of which calls the other and reads two secrets; without databases. */
export function tinyApplication() {
  const { path, remove } = directoryWith({
    'package.json': '{"name":"tiny","type":"module"}',
    'tsconfig.json': JSON.stringify({
      compilerOptions: {
        module: 'nodenext',
        target: 'es2024',
        strict: true,
        skipLibCheck: true,
        noEmit: true,
        paths: { '~encore/*': ['./encore.gen/*'] },
      },
    }),
    'greeter/greeter.ts': greeter(greetings.first),
    'door/door.ts': door,
  });
  const file = join(path, 'greeter/greeter.ts');
  return {
    path,
    remove,
    say: (greeting: string) => writeFileSync(file, greeter(greeting)),
    breakSources: () =>
      writeFileSync(file, `${greeter(greetings.first)}\nexport const twice = api({ path: 3 }, async () => {});\n`),
    failToLoad: () => writeFileSync(file, `${greeter(greetings.first)}\nthrow new Error('no card printer');\n`),
    forgetGenerated: () => rmSync(join(path, 'encore.gen'), { recursive: true, force: true }),
  };
}
