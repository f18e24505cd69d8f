import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { fairlead } from './fairlead.ts';
import { notesApplication, stateDirectory } from './notes-app.ts';

/** Each inserts a note and reads it back, by the library alone, on the connection string that the application has. */
const programs = {
  'drizzle on pg': `import { eq } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { bigint, pgTable, text, timestamp } from 'drizzle-orm/pg-core';
import pg from 'pg';
import { db } from './notes/database';

const notes = pgTable('notes', {
  id: bigint({ mode: 'number' }).generatedAlwaysAsIdentity().primaryKey(),
  text: text().notNull(),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
});
const pool = new pg.Pool({ connectionString: db.connectionString });
const orm = drizzle(pool);
const [{ id }] = await orm.insert(notes).values({ text: 'drizzle on pg' }).returning({ id: notes.id });
const [note] = await orm.select().from(notes).where(eq(notes.id, id));
console.log(JSON.stringify([note.text, note.createdAt instanceof Date]));
await pool.end();
`,
  'drizzle on postgres': `import { drizzle } from 'drizzle-orm/postgres-js';
import { bigint, pgTable, text } from 'drizzle-orm/pg-core';
import postgres from 'postgres';
import { db } from './notes/database';

const notes = pgTable('notes', { id: bigint({ mode: 'number' }).generatedAlwaysAsIdentity().primaryKey(), text: text().notNull() });
const client = postgres(db.connectionString);
const orm = drizzle(client);
await orm.transaction(async (tx) => {
  await tx.insert(notes).values({ text: 'drizzle on postgres' });
});
const all = await orm.select({ text: notes.text }).from(notes);
console.log(JSON.stringify([all.find(({ text }) => text === 'drizzle on postgres')?.text, true]));
await client.end();
`,
  knex: `import knex from 'knex';
import { db } from './notes/database';

const orm = knex({ client: 'pg', connection: db.connectionString });
await orm('notes').insert({ text: 'knex' });
const note = await orm('notes').where({ text: 'knex' }).first();
console.log(JSON.stringify([note.text, note.created_at instanceof Date]));
await orm.destroy();
`,
  sequelize: `import { DataTypes, Sequelize } from 'sequelize';
import { db } from './notes/database';

const orm = new Sequelize(db.connectionString, { logging: false });
const Note = orm.define(
  'Note',
  { id: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true, autoIncrementIdentity: true }, text: DataTypes.TEXT, createdAt: { type: DataTypes.DATE, field: 'created_at' } },
  { tableName: 'notes', updatedAt: false },
);
await Note.create({ text: 'sequelize' });
const note = await Note.findOne({ where: { text: 'sequelize' } });
console.log(JSON.stringify([note.get('text'), note.get('createdAt') instanceof Date]));
await orm.close();
`,
};

const fileOf = (name: string) => `${name.replaceAll(' ', '-')}.program.ts`;
const app = notesApplication(Object.fromEntries(Object.entries(programs).map(([name, text]) => [fileOf(name), text])));
const state = stateDirectory();
const at = ['--dir', app.path, '--state-dir', state.path];

beforeAll(() => fairlead(['db', 'conn-uri', 'notes', ...at]), 120_000);

afterAll(async () => {
  await fairlead(['destroy', '--env', 'local', ...at]);
  app.remove();
  state.remove();
});

test.each(Object.keys(programs))(
  '%s takes the connection string of a database',
  async (name) => {
    const { code, stdout, stderr } = await fairlead(['exec', ...at, '--', 'node', fileOf(name)]);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: `${JSON.stringify([name, true])}\n`, stderr: '' });
  },
  120_000,
);
