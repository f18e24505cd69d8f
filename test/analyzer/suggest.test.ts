import { expect, test } from '@jest/globals';
import { didYouMean, nearest } from '../../analyzer/suggest.ts';
import { analyzeText } from './application.ts';

const fields = ['expose', 'auth', 'method', 'path', 'bodyLimit', 'tags', 'sensitive'];

test.each([
  ['bodyLimt', 'bodyLimit'],
  ['bodylimit', 'bodyLimit'],
  ['bodyLmiit', 'bodyLimit'],
  ['exposed', 'expose'],
  ['metohd', 'method'],
  ['pth', 'path'],
  ['atuh', 'auth'],
])('%s was meant to be %s', (name, meant) => {
  expect(nearest(name, fields)).toBe(meant);
});

test.each(['', 'x', 'timeout', 'aaaa', 'th', 'permission'])('"%s" is like none of them', (name) => {
  expect(nearest(name, fields)).toBeUndefined();
});

test('a long name has room for three mistakes, not four', () => {
  expect(nearest('abcdefghijkl', ['abXdeXghiXkl'])).toBe('abXdeXghiXkl');
  expect(nearest('abcdefghijkl', ['aXcdXfghXjkX'])).toBeUndefined();
});

test('the nearest wins, and of equals the first', () => {
  expect(nearest('orderz', ['border', 'orders'])).toBe('orders');
  expect(nearest('orderz', ['ordera', 'orders'])).toBe('ordera');
});

test('a name is no suggestion for itself', () => {
  expect(nearest('path', ['path'])).toBeUndefined();
});

test('the help follows the guess', () => {
  expect(didYouMean('pth', fields, 'Known fields are many.')).toBe('Did you mean `path`? Known fields are many.');
  expect(didYouMean('x', fields, 'Known fields are many.')).toBe('Known fields are many.');
});

const endpoint = (config: string, body = '') => `
-- orders/api.ts --
import { api } from 'encore.dev/api';
${body}
export const list = api(${config}, async () => {});
`;

test.each([
  ['FL1107', 'bodyLimit', endpoint('{ bodyLimt: 1 }')],
  ['FL1307', 'POST', endpoint("{ method: 'POTS' }")],
  ['FL1307', 'DELETE', endpoint("{ method: ['GET', 'DELET'] }")],
  ['FL1006', 'encore.dev/pubsub', endpoint('{}', "import { Topic } from 'encore.dev/pubsubs';")],
  ['FL1006', '~encore/clients', endpoint('{}', "import { orders } from '~encore/client';")],
  ['FL1007', 'Topic', endpoint('{}', "import { Topics } from 'encore.dev/pubsub';")],
  ['FL1207', 'orders', endpoint('{}', "import { order } from '~encore/clients';")],
  [
    'FL1208',
    'list',
    endpoint('{}', "import { orders } from '~encore/clients';\nexport const f = () => orders.lists();"),
  ],
  [
    'FL1405',
    'orders',
    endpoint(
      '{}',
      "import { SQLDatabase } from 'encore.dev/storage/sqldb';\nexport const a = new SQLDatabase('orders');\nexport const b = SQLDatabase.named('ordesr');",
    ),
  ],
])('%s suggests %s', async (code, meant, source) => {
  const { diagnostics } = await analyzeText(source);
  const help = diagnostics.find((diagnostic) => diagnostic.code === code)?.help;
  expect(help).toContain(`Did you mean \`${meant}\`? `);
});
