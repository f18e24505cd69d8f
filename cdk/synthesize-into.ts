import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plan } from '../pipeline/mod.ts';
import type { Aws } from './aws.ts';
import { draw } from './draw.ts';
import type { Account, Stack } from './model.ts';

/** Of the cloud assembly, as the newest toolkit reads it. */
const assemblyVersion = '48.0.0';

/**
 * Writes both stacks of a plan as a cloud assembly, which the CDK's own toolkit lists, compares and deploys. Answers the files, relative
 * to the directory.
 */
export async function synthesizeInto(aws: Aws, plan: Plan, directory: string): Promise<string[]> {
  const { foundation, environment } = await draw(aws, plan);
  const files: [string, object][] = [
    ['manifest.json', manifestOf(aws.account, [foundation, environment])],
    ...[foundation, environment].map((stack): [string, object] => [fileOf(stack), stack.template]),
  ];
  await mkdir(directory, { recursive: true });
  for (const [file, content] of files)
    await writeFile(join(directory, file), `${JSON.stringify(content, undefined, 2)}\n`);
  return files.map(([file]) => file);
}

function fileOf({ name }: Stack): string {
  return `${name}.template.json`;
}

function manifestOf({ id, region }: Account, stacks: readonly Stack[]): object {
  const artifacts = stacks.map((stack) => [
    stack.name,
    {
      type: 'aws:cloudformation:stack',
      environment: `aws://${id}/${region}`,
      properties: {
        templateFile: fileOf(stack),
        stackName: stack.name,
        tags: stack.tags,
        terminationProtection: stack.protected,
        validateOnSynth: false,
      },
      displayName: stack.name,
    },
  ]);
  return { version: assemblyVersion, artifacts: Object.fromEntries(artifacts) };
}
