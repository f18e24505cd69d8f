import { mkdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { directoryWith } from './fairlead.ts';

const modules = resolve(import.meta.dirname, '../../node_modules');

const files = {
  'package.json': '{"name":"kinds","type":"module","dependencies":{"express":"5"}}',
  'tsconfig.json': JSON.stringify({
    compilerOptions: {
      module: 'nodenext',
      target: 'es2024',
      strict: true,
      skipLibCheck: true,
      noEmit: true,
      types: ['node'],
      paths: { '~encore/*': ['./encore.gen/*'] },
    },
  }),
  'fairlead.json': JSON.stringify({
    environments: { preview: { processes: 'per-service' }, production: { processes: 'all-in-one' } },
  }),
  'users/auth.ts': `
import { APIError, Gateway, type Cookie, type Header } from 'encore.dev/api';
import { authHandler } from 'encore.dev/auth';

interface Credentials {
  authorization?: Header<'Authorization'>;
  session?: Cookie<'session'>;
}

export interface User {
  userID: string;
  since: Date;
}

export const auth = authHandler<Credentials, User>(async ({ authorization, session }) => {
  const name = authorization?.replace(/^Bearer /, '') ?? session?.value ?? '';
  if (name === 'nobody') throw APIError.unauthenticated('no such user');
  return { userID: name, since: new Date(Date.UTC(2026, 0)) };
});

export const gateway = new Gateway({ authHandler: auth });
`,
  'shop/encore.service.ts': `
import { middleware } from 'encore.dev/api';
import { Service } from 'encore.dev/service';

const named = middleware({ target: { tags: ['named'] } }, async (request, next) => {
  request.data.name = 'shop';
  const response = await next(request);
  response.header.set('x-served-by', request.data.name);
  return response;
});

export default new Service('shop', { middlewares: [named] });
`,
  'shop/shop.ts': `
import type { IncomingMessage, ServerResponse } from 'node:http';
import express from 'express';
import { currentRequest } from 'encore.dev';
import { api } from 'encore.dev/api';
import { getAuthData } from '~encore/auth';
import { stock } from '~encore/clients';

interface Order {
  user: string;
  year: number;
  left: number;
  by: string;
}

export const order = api(
  { method: 'POST', path: '/orders', expose: true, auth: true, tags: ['named'] },
  async ({ item }: { item: string }): Promise<Order> => {
    const user = getAuthData();
    const request = currentRequest();
    const { left, by } = await stock.take({ item });
    const name = request?.type === 'api-call' ? request.middlewareData?.name : '';
    return { user: name + '/' + user?.userID, year: user?.since.getUTCFullYear() ?? 0, left, by };
  },
);

export const greet = api({ path: '/greet', expose: true, method: 'GET' }, async (): Promise<{ text: string }> => {
  return { text: 'Hello ' + (getAuthData()?.userID ?? 'stranger') };
});

const app = express();
app.use(express.json());
app.post('/web/:page', (request, response) => {
  response.cookie('a', '1').cookie('b', '2').status(202).json({ page: request.params.page, body: request.body });
});

export const web = api.raw({ path: '/web/*path', expose: true, method: '*' }, app);

export const page = api.raw({ path: '/!path', expose: true, method: 'GET' }, (_request: IncomingMessage, response: ServerResponse) => {
  const request = currentRequest();
  response.setHeader('content-type', 'text/plain');
  response.end('page ' + (request?.type === 'api-call' ? request.pathParams.path : ''));
});
`,
  'stock/stock.ts': `
import { api } from 'encore.dev/api';
import { getAuthData } from '~encore/auth';

export const take = api({ auth: true }, async ({ item }: { item: string }): Promise<{ left: number; by: string }> => {
  return { left: item.length, by: getAuthData()?.userID ?? '' };
});
`,
};

/** An application with an auth handler, middleware and raw endpoints, one of which is Express. */
export function kindsApplication() {
  const { path, remove } = directoryWith(files);
  mkdirSync(join(path, 'node_modules/@types'), { recursive: true });
  for (const name of ['express', '@types/express', '@types/node']) {
    symlinkSync(join(modules, name), join(path, 'node_modules', name));
  }
  return { path, remove };
}
