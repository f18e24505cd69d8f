import { afterAll, expect, test } from '@jest/globals';
import { fairlead } from './fairlead.ts';
import { notesApplication, stateDirectory } from './notes-app.ts';

/** Without imports: each runner brings its own `test`, and `equal`. */
const tests = `import { appMeta } from 'encore.dev';
import { getAuthData } from '~encore/auth';
import { notes } from '~encore/clients';
import { heard } from '../statistics/count';
import { db } from './database';
import { add, get } from './notes';

test('an endpoint is a function', async () => {
  const note = await add({ text: 'x' });
  equal((await get({ id: note.id })).text, 'x');
  equal(getAuthData(), null);
});

test('a call goes through the runtime', async () => {
  const note = await notes.add({ text: 'called' }, { authData: { userID: 'ann', admin: true } });
  equal(note.author, 'ann');
  equal(await notes.add({ text: 'x' }).catch(({ code }) => code), 'invalid_argument');
  equal((await notes.shout({ text: 'quiet' }, { authData: { userID: 'ann', admin: false } })).text, 'QUIET');
});

test('a subscription receives what is published', async () => {
  const { text } = await add({ text: 'published' });
  while (!heard.includes(text)) await new Promise((done) => setTimeout(done, 20));
  equal((await db.queryRow\`SELECT count(*)::int AS n FROM notes WHERE text = 'published'\`).n, 1);
});

test('the environment says what it is', () => {
  equal(appMeta().environment.type, 'test');
});
`;

const state = stateDirectory();

afterAll(() => state.remove());

test('node:test runs the sources as they are, and ends when the tests do', async () => {
  const app = notesApplication({
    'package.json': '{"name":"notes","type":"module","scripts":{"test":"node --test"}}',
    'notes/notes.test.ts': `import { equal } from 'node:assert/strict';\nimport { test } from 'node:test';\n${tests}`,
  });
  try {
    const { code, stdout, stderr } = await fairlead(['test', '--dir', app.path, '--state-dir', state.path]);
    expect({ code, output: code === 0 ? '' : `${stdout}${stderr}` }).toEqual({ code: 0, output: '' });
    expect(stdout).toMatch(/pass 4$/m);
  } finally {
    app.remove();
  }
}, 120_000);

test('jest runs them as ES modules, and others as CommonJS', async () => {
  const app = notesApplication({
    'package.json': JSON.stringify({
      name: 'notes',
      type: 'module',
      scripts: { test: 'node node_modules/jest/bin/jest.js' },
      jest: {
        testEnvironment: 'node',
        extensionsToTreatAsEsm: ['.ts'],
        testMatch: ['**/*.test.{ts,cjs}'],
        transform: {},
      },
    }),
    'notes/old.test.cjs': `const { add } = require('./notes');
      test('an endpoint is a function', async () => expect(await add({ text: 'x' })).toMatchObject({ text: 'x' }));`,
    'notes/notes.test.ts': `import { expect, test } from '@jest/globals';\nconst equal = (a, b) => expect(a).toEqual(b);\n${tests}`,
  });
  try {
    const { code, stdout, stderr } = await fairlead(['test', '--dir', app.path, '--state-dir', state.path]);
    expect({ code, output: code === 0 ? '' : `${stdout}${stderr}` }).toEqual({ code: 0, output: '' });
    expect(stderr).toMatch(/Tests: +5 passed/);
  } finally {
    app.remove();
  }
}, 120_000);
