import { api as endpoint, type Header, HttpStatus, type Query } from 'encore.dev/api';
import { db } from './db.ts';
import type { Page } from '#lib/page.ts';

export type Format = 'paper' | 'audio' | 'screen';

export interface Book {
  isbn: string;
  title: string;
  /** Null for books without a known author. */
  author: string | null;
  format: Format;
  price: bigint;
  published: Date;
  cover?: Uint8Array;
  tags: string[];
  related: Book[];
  extra: Record<string, unknown>;
}

interface Search extends Partial<Pick<Book, 'author' | 'format'>> {
  text: Query<'q'>;
  tags?: Query<string[], 'tag'>;
  page?: Query<number>;
  language?: Header<'Accept-Language'>;
}

/** Finds books.
 *
 * The newest come first. */
export const search = endpoint(
  { method: 'GET', path: '/books', expose: true, tags: ['public', 'cached'] },
  async ({ text }: Search): Promise<Page<Book>> => {
    const items = await db.queryAll<Book>`SELECT * FROM books WHERE title LIKE ${`%${text}%`}`;
    return { items };
  },
);

export const get = endpoint({ method: ['GET', 'HEAD'], path: '/books/:isbn', expose: true }, find);

async function find({ isbn }: { isbn: string }) {
  const book = await db.queryRow<Book>`SELECT * FROM books WHERE isbn = ${isbn}`;
  return { status: book ? HttpStatus.OK : HttpStatus.NotFound, book };
}

export const add = endpoint(
  { path: '/books', expose: true, bodyLimit: 8 * 1024 * 1024, sensitive: true },
  async (book: Omit<Book, 'related'> & { location?: Header<'X-Location'> }) => {
    await db.exec`INSERT INTO books (isbn, title) VALUES (${book.isbn}, ${book.title})`;
  },
);

export const anything = endpoint({ method: '*', path: '/books/!rest', bodyLimit: null }, async (_: { rest: string }) => {});
