// Express with zod, the pair that most services are written with; with logs, by the library that Fastify has within.
import express from 'express';
import { z } from 'zod';

const server = express();
server.use(express.json());

if (process.env.LOGS === 'on') {
  const { default: pino } = await import('pino');
  const log = pino();
  server.use((request, response, next) => {
    const began = performance.now();
    response.on('finish', () =>
      log.info(
        { method: request.method, path: request.path, status: response.statusCode, ms: performance.now() - began },
        'request completed',
      ),
    );
    next();
  });
}

server.get('/hello', (_request, response) => void response.json({ message: 'Hello, world!' }));

const orders = z.object({
  headers: z.object({ 'x-tenant': z.string().min(1).max(40) }),
  query: z.object({ express: z.enum(['true', 'false']).optional() }),
  body: z.object({
    customer: z.object({ name: z.string().min(1).max(80), email: z.email() }),
    line: z.object({ sku: z.string().min(3).max(20), quantity: z.number().min(1).max(100) }),
    note: z.string().max(200).optional(),
  }),
});

server.post('/orders', (request, response) => {
  const parsed = orders.safeParse({ headers: request.headers, query: request.query, body: request.body });
  if (!parsed.success) return void response.status(400).json({ code: 'invalid_argument' });
  const { headers, query, body } = parsed.data;
  response.json({
    id: `${headers['x-tenant']}-${body.customer.name}-${body.line.sku}`,
    total: body.line.quantity * 7 + (body.note?.length ?? 0),
    express: query.express === 'true',
  });
});

server.listen(Number(process.env.PORT), '127.0.0.1');
