// Part of `npm run docs`: JSON Schemas compiled to code, so that a command that reads a small file need not load and run a compiler.
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import standalone from 'ajv/dist/standalone/index.js';
import { buildSync } from 'esbuild';

const root = new URL('./', import.meta.url);

/** The schemas of the files that commands read each time. */
const schemas = ['pipeline/fairlead.schema.json', 'images/base/lock.schema.json', 'github/payload.schema.json'];

const types = `import type { ValidateFunction } from 'ajv';

export declare const validate: ValidateFunction;
`;

/** Path in the repository → its text as it should be. */
export function validators(): Record<string, string> {
  return Object.fromEntries(
    schemas.flatMap((path) => {
      const [code, declarations] = ['.validate.gen.js', '.validate.gen.d.ts'].map((ending) =>
        path.replace('.schema.json', ending),
      );
      return [
        [code!, compile(path)],
        [declarations!, types],
      ];
    }),
  );
}

function compile(path: string): string {
  const ajv = new Ajv2020({ allErrors: true, verbose: true, code: { source: true, lines: true } });
  const schema = JSON.parse(readFileSync(new URL(path, root), 'utf8')) as object;
  const { outputFiles } = buildSync({
    stdin: { contents: standalone.default(ajv, ajv.compile(schema)), resolveDir: root.pathname, loader: 'js' },
    ...{ bundle: true, write: false, format: 'esm', platform: 'node', minifySyntax: true, logLevel: 'silent' },
    footer: { js: 'export const validate = require_stdin();' },
  });
  const code = outputFiles[0]!.text.replace(/^export default require_stdin\(\);\n/m, '');
  return `// Made by \`npm run docs\` from ${path}.\n${code}`;
}
