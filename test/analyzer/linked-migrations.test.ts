import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { analyze } from '../../analyzer/mod.ts';
import { withApplication } from './application.ts';

const application = (source: string) => `-- a/a.ts --
import { api } from 'encore.dev/api';
import { SQLDatabase } from 'encore.dev/storage/sqldb';
const db = new SQLDatabase('a', { migrations: { path: './migrations'${source} } });
export const ping = api({}, async (): Promise<void> => { await db.exec\`SELECT 1\`; });
`;

let outside: string;

beforeEach(() => {
  outside = mkdtempSync(join(tmpdir(), 'fairlead-outside-'));
  writeFileSync(join(outside, '1_a.up.sql'), '');
});

afterEach(() => rmSync(outside, { recursive: true }));

/** What is wrong when `link` makes links in the application. */
const codes = (link: (root: string) => void, source = '') =>
  withApplication(application(source), async (root) => {
    link(root);
    return (await analyze({ root })).diagnostics.map(({ code, position }) => `${code} ${position?.file}`);
  });

test('the directory of migrations may not be a link out of the application', async () => {
  expect(await codes((root) => symlinkSync(outside, join(root, 'a/migrations')))).toEqual(['FL1407 a/a.ts']);
});

test('nor to what is installed', async () => {
  const link = (root: string) => {
    mkdirSync(join(root, 'node_modules/m'), { recursive: true });
    symlinkSync(join(root, 'node_modules/m'), join(root, 'a/migrations'));
  };
  expect(await codes(link)).toEqual(['FL1407 a/a.ts']);
});

test.each([
  ['', '1_a.up.sql'],
  [", source: 'prisma'", '1_a/migration.sql'],
])('nor a migration itself%s', async (source, file) => {
  const link = (root: string) => {
    const path = join(root, 'a/migrations', file);
    mkdirSync(join(path, '..'), { recursive: true });
    symlinkSync(join(outside, '1_a.up.sql'), path);
  };
  expect(await codes(link, source)).toEqual([`FL1407 a/migrations/${file}`]);
});

test("nor a migration's directory", async () => {
  writeFileSync(join(outside, 'migration.sql'), '');
  const link = (root: string) => {
    mkdirSync(join(root, 'a/migrations'));
    symlinkSync(outside, join(root, 'a/migrations/1_a'));
  };
  expect(await codes(link, ", source: 'prisma'")).toEqual(['FL1407 a/migrations/1_a/migration.sql']);
});

test('a link within the application is fine', async () => {
  const link = (root: string) => {
    mkdirSync(join(root, 'sql'));
    writeFileSync(join(root, 'sql/1_a.up.sql'), '');
    symlinkSync('../sql', join(root, 'a/migrations'));
  };
  expect(await codes(link)).toEqual([]);
});
