import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { bundle } from '../../../images/bundle/bundle.ts';
import { directory } from '../sample.ts';

const entry = `import { run } from './orders/orders.ts'; console.log(run());`;

/** Sets fields or defines them, which options for TypeScript decide. */
const fields = (name: string) => `export class ${name} { value = 1; }`;

/** An application in a directory of its own, and how it is bundled with more files around it. */
async function application(files: Record<string, string>) {
  const work = await directory({
    'team/app/package.json': '{"name":"sample"}',
    'team/app/orders/orders.ts': `${fields('Order')} export const run = () => new Order().value;`,
    ...files,
  });
  const root = join(work.path, 'team/app');
  return {
    path: work.path,
    async bundle(more: Record<string, string> = {}) {
      for (const [path, text] of Object.entries(more)) {
        await mkdir(dirname(join(work.path, path)), { recursive: true });
        await writeFile(join(work.path, path), text);
      }
      const layer = { files: [], modules: new Map(), packages: [] };
      const externals = { external: [], bundle: [] };
      const made = await bundle({ root, entry, layer, generated: [], externals, platforms: ['linux/amd64'] });
      for (const path of Object.keys(more)) await rm(join(work.path, path));
      if ('diagnostics' in made) return { problems: made.diagnostics };
      return {
        inputs: made.inputs,
        text: Buffer.from(made.files.find(({ path }) => path === 'main.mjs')!.bytes).toString(),
        map: made.files.find(({ path }) => path === 'main.mjs.map')!.bytes,
      };
    },
    [Symbol.asyncDispose]: () => work[Symbol.asyncDispose](),
  };
}

const assigning = '{"compilerOptions":{"target":"es5","useDefineForClassFields":false}}';
const mapping = '{"compilerOptions":{"paths":{"*":["./elsewhere/*"]}}}';

/** Imports a package that is linked from beside the application. */
async function linking(files: Record<string, string>) {
  const app = await application({
    'team/app/orders/orders.ts': `import { Part } from 'part'; ${fields('Order')} export const run = () => new Order().value + new Part().value;`,
    'team/part/package.json': '{"name":"part","main":"part.ts"}',
    'team/part/part.ts': fields('Part'),
    ...files,
  });
  await mkdir(join(app.path, 'team/app/node_modules'));
  await symlink('../../part', join(app.path, 'team/app/node_modules/part'));
  return app;
}

const workspace = { 'team/package.json': '{"workspaces":["app","part"]}' };

test.each(['team/tsconfig.json', 'tsconfig.json', 'team/jsconfig.json'])(
  'an application without options is the same below %s',
  async (path) => {
    await using app = await application({ 'team/elsewhere/nothing.ts': '' });
    const alone = await app.bundle();
    expect(alone.text).toContain('value=1');
    expect(alone.inputs).toEqual(['orders/orders.ts']);
    expect(await app.bundle({ [path]: assigning })).toEqual(alone);
    expect(await app.bundle({ [path]: mapping })).toEqual(alone);
    expect(await app.bundle({ [path]: '{ broken' })).toEqual(alone);
  },
);

test('what the workspace has for all its packages counts, up to the workspace', async () => {
  await using app = await linking({ ...workspace, 'team/tsconfig.json': assigning });
  const alone = await app.bundle();
  expect(alone.text).toMatch(/\.value=1[\s\S]*\.value=1/);
  expect(alone.inputs).toEqual(['../part/part.ts', 'orders/orders.ts', '../tsconfig.json']);
  expect(await app.bundle({ 'tsconfig.json': '{}' })).toEqual(alone);
});

test('a linked package has the options beside it, whatever the application has', async () => {
  await using app = await linking({ 'team/part/tsconfig.json': assigning, 'team/app/tsconfig.json': '{}' });
  const { inputs, text } = await app.bundle();
  expect(text).toContain('.value=1');
  expect(text).toMatch(/[^.]value=1/);
  expect(inputs).toEqual(['../part/part.ts', 'orders/orders.ts', 'tsconfig.json', '../part/tsconfig.json']);
});

test('all that is extended is an input, in the order that it counts', async () => {
  await using app = await application({
    'team/app/tsconfig.json': '{\n  // both\n  "extends": ["./config/base", "shared/strict.json", "plain"],\n}',
    'team/app/config/base.json': '{"extends":"../../more.json"}',
    'team/more.json': assigning,
    'team/app/node_modules/shared/strict.json': '{}',
    'team/app/node_modules/plain/tsconfig.json': '{"extends":"not-there"}',
  });
  const { inputs, text } = await app.bundle();
  expect(text).toContain('.value=1');
  expect(inputs).toEqual([
    'orders/orders.ts',
    'tsconfig.json',
    'config/base.json',
    '../more.json',
    'node_modules/shared/strict.json',
    'node_modules/plain/tsconfig.json',
  ]);
});

test('where some files have options and others would get those of strangers, nothing is built', async () => {
  await using one = await linking({ 'team/app/tsconfig.json': '{}' });
  expect((await one.bundle({ 'tsconfig.json': assigning })).problems).toEqual([
    expect.objectContaining({
      code: 'FL2405',
      message:
        'the bundler would take ../../tsconfig.json for ../part/part.ts, though it lies outside of the workspace',
    }),
  ]);
  await using other = await linking({ 'team/part/tsconfig.json': '{}' });
  expect((await other.bundle({ 'tsconfig.json': assigning })).problems).toEqual([
    expect.objectContaining({ code: 'FL2405', position: { file: 'package.json', line: 1, column: 1 } }),
  ]);
});
