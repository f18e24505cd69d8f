// Writes the templates of an environment in a process of its own, from inputs that are in a file. Arguments: that file, and a directory.
import { readFileSync, writeFileSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

// As cli/bin.js has it.
enableCompileCache(fileURLToPath(new URL('../../node_modules/.cache/fairlead', import.meta.url)));
const [{ synthesizeApp }, { synthesizeFoundation }] = await Promise.all([
  import('../../cdk/app/mod.ts'),
  import('../../cdk/foundation/mod.ts'),
]);
const [input = '', directory = ''] = process.argv.slice(2);
const { app, foundation } = JSON.parse(readFileSync(input, 'utf8'));
for (const { name, template } of [synthesizeFoundation(foundation), synthesizeApp(app)])
  writeFileSync(join(directory, `${name}.template.json`), JSON.stringify(template, undefined, 1));
