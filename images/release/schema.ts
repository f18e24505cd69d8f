import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';

/** What is wrong with a `release.json` by its published schema, in a few words; undefined when nothing is. */
export function problemOfSchema(content: unknown): string | undefined {
  const text = readFileSync(new URL('../../pipeline/release.schema.json', import.meta.url), 'utf8');
  const validate = new Ajv2020({ strict: false }).compile(JSON.parse(text));
  if (validate(content)) return undefined;
  const [first] = validate.errors ?? [];
  return `its release.json is not as the schema says: ${first?.instancePath || 'it'} ${first?.message ?? 'is something else'}`;
}
