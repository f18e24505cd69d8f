import { expect, test } from '@jest/globals';
import { type Application, hasPeerPackages, peerPackages, type Running, runApplication } from './application.ts';

/** Applications on frameworks and libraries that need more than a bundler. */

async function withApplication(name: string, running: Running, use: (application: Application) => Promise<void>) {
  const application = await runApplication(name, { packages: peerPackages, ...running });
  try {
    await use(application);
  } finally {
    await application.stop();
  }
}

function client({ url }: Application) {
  return async (path: string, body?: object) => {
    const answer = await fetch(`${url}${path}`, body && { method: 'POST', body: JSON.stringify(body) });
    const text = await answer.text();
    return answer.headers.get('content-type')?.startsWith('application/json') ? (JSON.parse(text) as unknown) : text;
  };
}

const withPackages = hasPeerPackages ? test : test.skip;

withPackages(
  'Nest and Sequelize, and what only names lead to',
  () =>
    withApplication('frameworks', {}, async (application) => {
      const ask = client(application);
      expect(await ask('/nest/cats/1')).toEqual({ name: 'cat 1', path: '/nest/cats/1' });
      expect(await ask('/nest/cats/x')).toMatchObject({ statusCode: 400 });
      expect(await ask('/cats/2')).toEqual({ name: 'cat 2' });
      expect(await ask('/books', { title: '1984' })).toEqual({ id: 1, title: '1984' });
      expect(await ask('/pages/Ann')).toBe('<h1>Hello Ann</h1>\n');
      expect(await ask('/mails/Ann')).toEqual({ html: '<h1>Hello Ann</h1>\n' });
      expect(await ask('/slow')).toEqual({ sum: 6 });
    }),
  120_000,
);

/** The engine that migrates comes from elsewhere than npm, and generating needs none. */
const before = {
  program: 'prisma',
  args: ['generate', '--schema', 'blog/prisma/schema.prisma'],
  env: { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath },
};

withPackages(
  'Prisma with its adapter for PostgreSQL',
  () =>
    withApplication('blog', { before }, async (application) => {
      const ask = client(application);
      expect(await ask('/users', { email: 'ann@shop.test' })).toEqual({ id: 1, email: 'ann@shop.test', role: 'USER' });
      expect(await ask('/users', { email: 'ann@shop.test' })).toMatchObject({ code: 'already_exists' });
      expect(await ask('/users', { email: 'bob', role: 'BOSS' })).toMatchObject({ code: 'invalid_argument' });
      expect(await ask('/users/1/posts', { title: 'Hi', meta: { a: [1] }, price: 1.25 })).toEqual({
        id: 1,
        title: 'Hi',
        meta: { a: [1] },
        price: '1.25',
        views: '1',
        authorId: 1,
      });
      expect(await ask('/users/1')).toMatchObject({ posts: [{ title: 'Hi' }] });
    }),
  120_000,
);
