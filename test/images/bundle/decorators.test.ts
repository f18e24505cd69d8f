import { expect, test } from '@jest/globals';
import { layOutAt, made, runAt } from '../externals/support/laid-out.ts';
import { directory } from '../sample.ts';

/** What libraries such as reflect-metadata keep: here it is printed. */
const column = `export const seen: string[] = [];
Reflect.metadata = (key, type) => (_, name) => { seen.push([name, key, type.name ?? type.map((one) => one.name)].join(' ')); };
export const column = (): any => () => undefined;
export interface Shape { a: string }`;

const entity = `import { column, type Shape } from './column';
import { Owner } from './owner';
@column()
export class Entity {
  constructor(readonly owner: Owner) {}
  @column() name: string;
  @column() at: Date;
  @column() shape: Shape;
}`;

const sources = {
  'package.json': '{ "type": "module" }',
  'column.ts': column,
  'owner.ts': 'export class Owner {}',
  'entity.ts': entity,
};
const entry = `import { seen } from './column.ts'; import { Entity } from './entity.ts'; console.log(JSON.stringify([seen, Object.keys(new Entity(1))]));`;

async function printed(files: Record<string, string>): Promise<unknown> {
  await using work = await directory({ ...sources, ...files });
  await using image = await directory();
  await layOutAt(image.path, await made(work.path, entry));
  return JSON.parse(await runAt(image.path));
}

const options = { experimentalDecorators: true, target: 'ES2021' };
const config = (compilerOptions: object, rest = {}) => JSON.stringify({ compilerOptions, ...rest });
const types = [
  'name design:type String',
  'at design:type Date',
  'shape design:type Object',
  ' design:paramtypes Owner',
];

test('the types of what is decorated are there at run time where tsconfig.json asks for them, also one that it extends', async () => {
  const emitting = { ...options, emitDecoratorMetadata: true };
  expect(await printed({ 'tsconfig.json': config(emitting) })).toEqual([types, ['owner']]);
  const extending = {
    'base.json': config(emitting),
    'tsconfig.json': config({ useDefineForClassFields: true }, { extends: './base' }),
  };
  expect(await printed(extending)).toEqual([types, ['owner', 'name', 'at', 'shape']]);
});

test('they are not where it does not', async () => {
  expect(await printed({ 'tsconfig.json': config(options) })).toEqual([[], ['owner']]);
});
