import { createHash } from 'node:crypto';

/** What PostgreSQL leaves of an identifier, longer ones being cut without a word; indexes are named after their queue. */
const longest = { database: 63, owner: 63, role: 63, schema: 63, queue: 50 };

export type PhysicalKind = keyof typeof longest;

/**
 * The name of a thing on the shared PostgreSQL server: legal without quotes but for reserved words, at most 63 bytes long, and
 * different for different things whatever their names are, since it ends in a hash of all of them.
 */
export function physicalName(kind: PhysicalKind, ...parts: string[]): string {
  const hash = shortHash([kind, ...parts]);
  const room = longest[kind] - hash.length - 1;
  const readable = parts.map(plain).filter(Boolean).join('_').slice(0, room);
  return `${/^[a-z_]/.test(readable) ? readable : `_${readable}`.slice(0, room)}_${hash}`;
}

/** Where an environment answers: by the name that applications, and those who let users sign in to them, know this machine by. */
export function frontUrl(port: number): string {
  return `http://localhost:${port}`;
}

/** A file name for any name: the name itself where that is harmless on every file system, else its plain part and a hash. */
export function fileName(name: string): string {
  return /^[a-z0-9][a-z0-9_-]{0,99}$/.test(name) ? name : `${plain(name).slice(0, 60)}.${shortHash([name])}`;
}

function plain(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
}

function shortHash(parts: string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 8);
}
