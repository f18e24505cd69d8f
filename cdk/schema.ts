import type { Environment } from '../pipeline/mod.ts';
import type { Clients } from './clients.ts';
import { readNote, writeNote } from './notes.ts';

/** Per database the version of its newest applied migration. */
export type Schema = Record<string, number>;

/**
 * How far the databases of an environment are, as the last migrations told. While migrations run, and after a run that was killed, it is
 * not known.
 */
export async function readSchema(clients: Clients, environment: Environment): Promise<Schema | undefined> {
  const text = await readNote(clients, environment, 'schema');
  if (text === undefined) return undefined;
  const { schema } = JSON.parse(text) as { schema?: Schema };
  return schema;
}

/** @param schema absent: unknown from now on */
export async function writeSchema(clients: Clients, environment: Environment, schema?: Schema): Promise<void> {
  await writeNote(clients, environment, 'schema', JSON.stringify(schema ? { schema } : { unknown: true }));
}
