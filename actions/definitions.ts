import { stringify } from 'yaml';
import type { Leaf } from './leaf.ts';
import { leaves } from './leaves.ts';

/** The leaves that people use by themselves: each has a composite of its name around it. */
const wrapped: readonly string[] = [
  'analyze',
  'cleanup',
  'comment',
  'deploy',
  'plan',
  'promote',
  'resume',
  'rollback',
  'setup',
];

/** The definitions of actions that follow from what the leaves declare: path in the repository → text. */
export async function definitions(): Promise<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const [name, load] of Object.entries(leaves)) {
    const leaf = await load();
    texts[`actions/leaves/${name}/action.yml`] = leafDefinition(name, leaf);
    if (wrapped.includes(name)) texts[`actions/${name}/action.yml`] = compositeDefinition(name, leaf);
  }
  return texts;
}

function leafDefinition(name: string, { description, inputs, outputs }: Leaf): string {
  return render({
    name: `Fairlead ${name} (leaf)`,
    description,
    inputs: inputsOf(inputs),
    outputs: mapValues(outputs, (description) => ({ description })),
    runs: { using: 'node24', main: `../../../dist/${name}.js` },
  });
}

function compositeDefinition(name: string, { description, inputs, outputs }: Leaf): string {
  return render({
    name: `Fairlead ${name}`,
    description,
    inputs: inputsOf(inputs),
    outputs: mapValues(outputs, (description, output) => ({
      description,
      value: expression(`steps.${name}.outputs.${output}`),
    })),
    runs: {
      using: 'composite',
      steps: [
        {
          name: `${name[0]?.toUpperCase()}${name.slice(1)}`,
          id: name,
          uses: `$/actions/leaves/${name}`,
          with: mapValues(inputs, (_, input) => expression(`inputs.${input}`)),
        },
      ],
    },
  });
}

function inputsOf(inputs: Leaf['inputs']): object {
  return mapValues(inputs, ({ description, required = false, default: value }) => ({
    description,
    ...(required && value === undefined && { required }),
    ...(value !== undefined && { default: value }),
  }));
}

function expression(text: string): string {
  return `\${{ ${text} }}`;
}

function mapValues<Value, Result>(
  record: Readonly<Record<string, Value>>,
  map: (value: Value, key: string) => Result,
): Record<string, Result> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]));
}

function render(definition: object): string {
  return `# Made by \`npm run docs\` from the leaf.\n${stringify(definition, { lineWidth: 0 })}`;
}
