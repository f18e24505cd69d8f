import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { until } from './process.ts';

/** A span as it was received, its attributes by name. */
export interface ReceivedSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  attributes: Record<string, unknown>;
  events: { name: string; attributes: Record<string, unknown> }[];
  status: { code?: number; message?: string };
  scope: string;
  resource: Record<string, unknown>;
}

export interface Collector {
  url: string;
  spans: ReceivedSpan[];
  /** The texts of all requests, in their order. */
  bodies: string[];
  /** Who sent the last one, as the request says. */
  authorization?: string | undefined;
  /** What it answers from now on. @default 200 */
  status: number;
  /** Whether it answers at all. @default true */
  answers: boolean;
  /** Waits for as many spans as `matches` takes. */
  received(count: number, matches?: (span: ReceivedSpan) => boolean): Promise<ReceivedSpan[]>;
  stop(): void;
}

interface Attribute {
  key: string;
  value: Record<string, unknown>;
}

/** Takes traces by OTLP over HTTP, as JSON. */
export async function startCollector(): Promise<Collector> {
  const spans: ReceivedSpan[] = [];
  const bodies: string[] = [];
  const collector: Collector = {
    ...{ url: '', spans, bodies, status: 200, answers: true },
    received: (count, matches = () => true) =>
      until(() => {
        const found = spans.filter(matches);
        return found.length >= count && found;
      }).catch(() => {
        throw new Error(`${count} spans in vain: ${spans.map(({ name, kind }) => `${kind} ${name}`).join(', ')}`);
      }),
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
  const server = createServer(async (request, response) => {
    const body = (await buffer(request)).toString();
    if (request.url !== '/v1/traces') return void response.end();
    bodies.push(body);
    collector.authorization = request.headers.authorization;
    if (!collector.answers) return;
    if (collector.status === 200) spans.push(...spansOf(body));
    response.writeHead(collector.status, { 'content-type': 'application/json' }).end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  collector.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return collector;
}

const kinds = ['internal', 'internal', 'server', 'client', 'producer', 'consumer'] as const;

/** The spans of a request of OTLP. */
function spansOf(body: string): ReceivedSpan[] {
  // biome-ignore lint/suspicious/noExplicitAny: the form of OTLP
  return (JSON.parse(body) as any).resourceSpans.flatMap(({ resource, scopeSpans }: any) =>
    // biome-ignore lint/suspicious/noExplicitAny: the form of OTLP
    scopeSpans.flatMap(({ scope, spans }: any) =>
      // biome-ignore lint/suspicious/noExplicitAny: the form of OTLP
      spans.map((span: any) => ({
        ...span,
        kind: kinds[span.kind],
        attributes: record(span.attributes),
        // biome-ignore lint/suspicious/noExplicitAny: the form of OTLP
        events: span.events.map((event: any) => ({ name: event.name, attributes: record(event.attributes) })),
        scope: scope.name,
        resource: record(resource.attributes),
      })),
    ),
  );
}

function record(attributes: Attribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
