/** The application that is measured: what its peers do by hand or by a library. By path. */
export const application: Record<string, string> = {
  'encore.app': '{ "id": "bench", "lang": "typescript" }\n',
  'package.json': '{ "name": "bench", "type": "module", "private": true }\n',
  'shop/shop.ts': `import { api, type Header, type Query } from 'encore.dev/api';
import type { IsEmail, Max, MaxLen, Min, MinLen } from 'encore.dev/validate';

export const hello = api({ method: 'GET', path: '/hello', expose: true }, async (): Promise<{ message: string }> => {
  return { message: 'Hello, world!' };
});

interface Order {
  tenant: Header<'X-Tenant'> & MinLen<1> & MaxLen<40>;
  express?: Query<boolean>;
  customer: { name: string & MinLen<1> & MaxLen<80>; email: string & IsEmail };
  line: { sku: string & MinLen<3> & MaxLen<20>; quantity: number & Min<1> & Max<100> };
  note?: string & MaxLen<200>;
}

export const order = api(
  { method: 'POST', path: '/orders', expose: true },
  async ({ tenant, express, customer, line, note }: Order): Promise<{ id: string; total: number; express: boolean }> => {
    return { id: \`\${tenant}-\${customer.name}-\${line.sku}\`, total: line.quantity * 7 + (note?.length ?? 0), express: express ?? false };
  },
);
`,
};

/** The requests that are measured. */
export const requests = {
  hello: { method: 'GET', path: '/hello', headers: {}, body: undefined },
  order: {
    method: 'POST',
    path: '/orders?express=true',
    headers: { 'content-type': 'application/json', 'x-tenant': 'acme' },
    body: JSON.stringify({
      customer: { name: 'Ada Lovelace', email: 'ada@example.org' },
      line: { sku: 'engine-1', quantity: 3 },
      note: 'Leave it at the door, please.',
    }),
  },
} as const;

export type RequestName = keyof typeof requests;

/** What every server has to answer, so that none is quick by doing less. */
export const answers: Record<RequestName, unknown> = {
  hello: { message: 'Hello, world!' },
  order: { id: 'acme-Ada Lovelace-engine-1', total: 50, express: true },
};

/** A request of each kind of fault, which every server has to refuse with 400. */
export const refused: { headers: Record<string, string>; path: string; body: string }[] = [
  { ...requests.order, path: '/orders?express=perhaps' },
  { ...requests.order, headers: { 'content-type': 'application/json' } },
  { ...requests.order, body: requests.order.body.replace('"quantity":3', '"quantity":101') },
  { ...requests.order, body: requests.order.body.replace('ada@example.org', 'ada') },
  { ...requests.order, body: requests.order.body.replace('engine-1', 'e') },
  { ...requests.order, body: requests.order.body.replace('Ada Lovelace', '') },
  { ...requests.order, body: requests.order.body.replace('Leave', 'x'.repeat(200)) },
  { ...requests.order, body: '{' },
];
