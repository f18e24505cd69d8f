// A bare Fastify with the routes of an application: `ROUTES` is JSON of methods and paths, in Fastify's words.
import Fastify, { type HTTPMethods } from 'fastify';

const server = Fastify();
const routes: { method: HTTPMethods; url: string }[] = JSON.parse(process.env.ROUTES ?? '[]');
for (const { method, url } of routes) server.route({ method, url, handler: async () => ({}) });
void server.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
