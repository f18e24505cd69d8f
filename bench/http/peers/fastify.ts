// Fastify with a schema for everything that comes in and goes out, as its documentation advises for speed.
import Fastify from 'fastify';

const server = Fastify({ logger: process.env.LOGS === 'on' });

server.get(
  '/hello',
  { schema: { response: { 200: { type: 'object', properties: { message: { type: 'string' } } } } } },
  async () => ({ message: 'Hello, world!' }),
);

interface Order {
  Headers: { 'x-tenant': string };
  Querystring: { express?: boolean };
  Body: { customer: { name: string; email: string }; line: { sku: string; quantity: number }; note?: string };
}

const text = (minLength: number, maxLength: number) => ({ type: 'string', minLength, maxLength });

server.post<Order>(
  '/orders',
  {
    schema: {
      headers: { type: 'object', required: ['x-tenant'], properties: { 'x-tenant': text(1, 40) } },
      querystring: { type: 'object', properties: { express: { type: 'boolean' } } },
      body: {
        type: 'object',
        required: ['customer', 'line'],
        properties: {
          customer: {
            type: 'object',
            required: ['name', 'email'],
            properties: { name: text(1, 80), email: { type: 'string', format: 'email' } },
          },
          line: {
            type: 'object',
            required: ['sku', 'quantity'],
            properties: { sku: text(3, 20), quantity: { type: 'number', minimum: 1, maximum: 100 } },
          },
          note: { type: 'string', maxLength: 200 },
        },
      },
      response: {
        200: {
          type: 'object',
          properties: { id: { type: 'string' }, total: { type: 'number' }, express: { type: 'boolean' } },
        },
      },
    },
  },
  async ({ headers, query, body: { customer, line, note } }) => ({
    id: `${headers['x-tenant']}-${customer.name}-${line.sku}`,
    total: line.quantity * 7 + (note?.length ?? 0),
    express: query.express ?? false,
  }),
);

await server.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
