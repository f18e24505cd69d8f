// The least that Node can do: the same parsing and the same limits, written out by hand.
import { createServer, type IncomingMessage } from 'node:http';

interface Order {
  tenant: string;
  express: boolean | undefined;
  customer: { name: string; email: string };
  line: { sku: string; quantity: number };
  note: string | undefined;
}

const server = createServer((request, response) => {
  const { method, url = '/' } = request;
  const at = url.indexOf('?');
  const path = at < 0 ? url : url.slice(0, at);
  const answer = (status: number, body: unknown) => {
    const text = JSON.stringify(body);
    // With its length it goes out in one piece.
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
    response.end(text);
  };
  if (method === 'GET' && path === '/hello') return answer(200, { message: 'Hello, world!' });
  if (method !== 'POST' || path !== '/orders') return answer(404, { code: 'not_found' });
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const order = orderOf(request, new URLSearchParams(at < 0 ? '' : url.slice(at + 1)), Buffer.concat(chunks));
    if (!order) return answer(400, { code: 'invalid_argument' });
    const { tenant, express, customer, line, note } = order;
    const total = line.quantity * 7 + (note?.length ?? 0);
    answer(200, { id: `${tenant}-${customer.name}-${line.sku}`, total, express: express ?? false });
  });
});

const email = /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/;

function orderOf(request: IncomingMessage, query: URLSearchParams, body: Buffer): Order | undefined {
  let json: { customer?: Partial<Order['customer']>; line?: Partial<Order['line']>; note?: unknown };
  try {
    json = JSON.parse(body.toString());
  } catch {
    return undefined;
  }
  const tenant = request.headers['x-tenant'];
  if (!isText(tenant, 1, 40)) return undefined;
  const express = query.get('express') ?? undefined;
  if (express !== undefined && express !== 'true' && express !== 'false') return undefined;
  const { customer, line, note } = json;
  if (!isText(customer?.name, 1, 80) || !isText(customer?.email, 0, 254) || !email.test(customer.email))
    return undefined;
  if (!isText(line?.sku, 3, 20) || typeof line?.quantity !== 'number') return undefined;
  if (line.quantity < 1 || line.quantity > 100) return undefined;
  if (note !== undefined && !isText(note, 0, 200)) return undefined;
  return {
    tenant,
    express: express === undefined ? undefined : express === 'true',
    customer: { name: customer.name, email: customer.email },
    line: { sku: line.sku, quantity: line.quantity },
    note,
  };
}

function isText(value: unknown, least: number, most: number): value is string {
  return typeof value === 'string' && value.length >= least && value.length <= most;
}

server.listen(Number(process.env.PORT), '127.0.0.1');
