import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

let compiled: ValidateFunction | undefined;

/** What is wrong with a `release.json` by its published schema, in a few words; undefined when nothing is. */
export function problemOfSchema(content: unknown): string | undefined {
  compiled ??= new Ajv2020({ strict: false }).compile(schema());
  try {
    if (compiled(content)) return undefined;
  } catch (error) {
    // Schemas may hold schemas; the validator goes down into each.
    if (error instanceof RangeError) return 'its release.json is nested too deeply';
    throw error;
  }
  const [first] = compiled.errors ?? [];
  return `its release.json is not as the schema says: ${first?.instancePath || 'it'} ${first?.message ?? 'is something else'}`;
}

function schema(): object {
  return JSON.parse(readFileSync(new URL('../../pipeline/release.schema.json', import.meta.url), 'utf8'));
}
