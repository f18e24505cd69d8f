import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plan } from '../pipeline/mod.ts';
import type { Aws } from './aws.ts';
import { draw } from './draw.ts';

/** Writes both templates of a plan for people and other tools. Answers the files, relative to the directory. */
export async function synthesizeInto(aws: Aws, plan: Plan, directory: string): Promise<string[]> {
  const { foundation, environment } = await draw(aws, plan);
  await mkdir(directory, { recursive: true });
  const files: string[] = [];
  for (const { name, template } of [foundation, environment]) {
    const file = `${name}.template.json`;
    await writeFile(join(directory, file), `${JSON.stringify(template, undefined, 2)}\n`);
    files.push(file);
  }
  return files;
}
