import { api, type Cookie } from 'encore.dev/api';
import { SQLDatabase } from 'encore.dev/storage/sqldb';
import { catalog as books } from '~encore/clients';
import { announce } from '../lib/events.ts';

const loans = new SQLDatabase('loans');
const library = SQLDatabase.named('catalog');
export const url = library.connectionString;

export const lend = api(
  { path: '/loans/:isbn' },
  async ({ isbn, session }: { isbn: string; days: number; session: Cookie<'session'> }) => {
    const { book } = await books.get({ isbn });
    await using transaction = await loans.begin();
    await transaction.exec`INSERT INTO loans VALUES (${isbn}, ${session.value})`;
    await announce({ isbn, reader: session.value, until: new Date() });
    return { lent: book };
  },
);
