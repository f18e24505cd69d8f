import { chmodSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { directoryWith } from './fairlead.ts';

const service = `import { Service } from 'encore.dev/service';
import { middleware } from 'encore.dev/api';

const loud = middleware({ target: { tags: ['loud'] } }, async (request, next) => {
  const response = await next(request);
  response.payload.text = response.payload.text.toUpperCase();
  return response;
});

export default new Service('notes', { middlewares: [loud] });
`;

const notes = `import { api, APIError } from 'encore.dev/api';
import { secret } from 'encore.dev/config';
import { getAuthData } from '~encore/auth';
import type { MinLen } from 'encore.dev/validate';
import { db } from './database';
import { noted } from './events';

const seal = secret('Seal');

export interface Note {
  id: number;
  text: string;
  author: string | null;
  createdAt: Date;
}

export const add = api(
  { method: 'POST', path: '/notes', expose: true },
  async ({ text }: { text: string & MinLen<3> }): Promise<Note> => {
    const author = getAuthData()?.userID ?? null;
    const note = await db.queryRow<Note>\`
      INSERT INTO notes (text, author) VALUES (\${text + seal()}, \${author}) RETURNING id, text, author, created_at AS "createdAt"\`;
    await noted.publish({ id: note!.id, text });
    return note!;
  },
);

export const get = api(
  { method: 'GET', path: '/notes/:id', expose: true },
  async ({ id }: { id: number }): Promise<Note> => {
    const note = await db.queryRow<Note>\`SELECT id, text, author, created_at AS "createdAt" FROM notes WHERE id = \${id}\`;
    if (!note) throw APIError.notFound('there is no such note');
    return note;
  },
);

export const shout = api(
  { method: 'POST', path: '/shout', tags: ['loud'], auth: true },
  async ({ text }: { text: string }): Promise<{ text: string }> => ({ text }),
);
`;

const auth = `import { Gateway, type Header } from 'encore.dev/api';
import { authHandler } from 'encore.dev/auth';

interface Params {
  authorization: Header<'Authorization'>;
}

export interface AuthData {
  userID: string;
  admin: boolean;
}

export const handler = authHandler<Params, AuthData>(async ({ authorization }) =>
  authorization ? { userID: authorization, admin: false } : null,
);

export const gateway = new Gateway({ authHandler: handler });
`;

const count = `import { Subscription } from 'encore.dev/pubsub';
import { notes } from '~encore/clients';
import { noted } from '../notes/events';

export const heard: string[] = [];

export const subscription = new Subscription(noted, 'count', {
  handler: async ({ id }) => {
    heard.push((await notes.get({ id })).text);
  },
});
`;

/** An application with a database, a topic, an auth handler and middleware, in the style of Encore.ts: its imports have no endings. */
export function notesApplication(files: Record<string, string> = {}) {
  const directory = directoryWith({
    'package.json': '{"name":"notes","type":"module","scripts":{"test":"vitest run"}}',
    'tsconfig.json': JSON.stringify({
      compilerOptions: {
        module: 'preserve',
        moduleResolution: 'bundler',
        target: 'es2024',
        strict: true,
        skipLibCheck: true,
        noEmit: true,
        paths: { '~encore/*': ['./encore.gen/*'] },
      },
    }),
    'notes/encore.service.ts': service,
    'notes/notes.ts': notes,
    'notes/database.ts': `import { SQLDatabase } from 'encore.dev/storage/sqldb';\n\nexport const db = new SQLDatabase('notes', { migrations: './migrations' });\n`,
    'notes/events.ts': `import { Topic } from 'encore.dev/pubsub';\n\nexport const noted = new Topic<{ id: number; text: string }>('noted', { deliveryGuarantee: 'at-least-once' });\n`,
    'notes/migrations/1_notes.up.sql':
      'CREATE TABLE notes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, text text NOT NULL, author text, created_at timestamptz NOT NULL DEFAULT now());\n',
    'users/auth.ts': auth,
    'statistics/count.ts': count,
    ...files,
  });
  symlinkSync(resolve(import.meta.dirname, '../../node_modules'), join(directory.path, 'node_modules'));
  return directory;
}

/** Of one test file alone. As root, PostgreSQL runs as another user, who has to pass through. */
export function stateDirectory() {
  const directory = directoryWith();
  chmodSync(directory.path, 0o711);
  return directory;
}
