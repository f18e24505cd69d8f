import { once } from 'node:events';
import type { IncomingMessage, Server } from 'node:http';
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net';
import { constants } from 'node:os';
import { Connections } from '../http/connections.ts';
import { createHandler } from '../http/handle.ts';
import { refuses, refusesUpgrade } from '../http/head.ts';
import { defaultAddress, defaultGrace, infra } from '../infra/config.ts';
import { StartError } from '../infra/error.ts';
import log from '../log/mod.ts';
import type { Exporting } from '../metrics/export.ts';
import { http } from '../node.ts';
import type { Consumer } from '../pubsub/provider.ts';
import type { Service } from '../service/mod.ts';
import type { ExportingTraces } from '../tracing/export.ts';
import type { InfraConfig, Manifest } from '../wire.ts';
import { type ToWorker, tellLeader } from '../workers/messages.ts';
import { workerRole } from '../workers/role.ts';
import { setApplication } from './application.ts';
import { callEndpoint } from './calls.ts';
import { failStart } from './fail-start.ts';
import { createHost, type Handler, type Host } from './host.ts';
import { closeAgents } from './processes.ts';
import { catchUncaught } from './uncaught.ts';
import { leads, workersOnly } from './workers.ts';

export { type Handler, workersOnly };

export interface StartOptions {
  manifest: Manifest;
  /** By `service.endpoint`: every endpoint of the manifest's services. */
  handlers: Record<string, Handler>;
  /** By name: the services of the manifest whose endpoints middleware wraps. @default none */
  services?: Record<string, Service>;
  /** What was imported for nothing but what it declares, such as subscriptions, which register themselves. @default none */
  modules?: readonly object[];
}

/** What a gateway takes, which is Node's 16 KiB, and what it says besides of who asks. Bytes. */
const headersBehindGateway = 64 * 1024;

/** What tells a process to end: the second time at once. */
const endSignals = ['SIGTERM', 'SIGINT'] as const;

/** Before the modules of the application are loaded: what they ask OpenTelemetry for when they are, lasts. */
const traces = await letTracesOut();

// What those modules throw keeps the application from starting, too. Where nothing is logged, Node tells of it.
if (!process.env.ENCORE_NOLOG) process.on('uncaughtException', failStart);

/** Only where a collector takes traces, and some are to be kept; elsewhere no spans are made, nor by who only leads workers. */
async function letTracesOut(): Promise<ExportingTraces | undefined> {
  const config = configured();
  const { otlp, traces: { ratio = 1 } = {} } = config?.fairlead?.telemetry ?? {};
  if (!config || otlp === undefined || ratio === 0 || leads(config)) return undefined;
  const { exportTraces } = await import('../tracing/export.ts');
  return exportTraces({ config, otlp, ratio });
}

function configured(): InfraConfig | undefined {
  try {
    return infra();
  } catch {
    // What is wrong with it, `start` says.
    return undefined;
  }
}

/** A started application. */
export interface Running {
  port: number;
  /** Finishes what is being worked on, within `graceful_shutdown.total` seconds, and lets go of everything. */
  stop(): Promise<void>;
}

/**
 * Starts the application of this process: takes requests on `HOST` and `PORT` (default 0.0.0.0 and 8080) and messages of its
 * subscriptions until SIGTERM or SIGINT, of which the second ends it at once. What keeps it from starting is written as one line of
 * the log, and the process exits with 1.
 */
export async function start({ manifest, handlers, services = {} }: StartOptions): Promise<Running> {
  await workersOnly();
  try {
    return await run(manifest, handlers, services);
  } catch (error) {
    failStart(error);
  } finally {
    process.off('uncaughtException', failStart);
  }
}

async function run(
  manifest: Manifest,
  handlers: Record<string, Handler>,
  services: Record<string, Service>,
): Promise<Running> {
  const host = createHost(manifest, handlers, services);
  setApplication({
    manifest,
    hosted: host.services,
    call: (service, endpoint, params, opts) => callEndpoint(host, service, endpoint, params, opts),
  });
  const handle = createHandler(host);
  const server = http.createServer(
    {
      // `Connections` ends idle ones.
      keepAliveTimeout: 0,
      shouldUpgradeCallback: opensStream,
      ...(!host.gateway && { maxHeaderSize: headersBehindGateway }),
      optimizeEmptyRequests: !handsOutRequests(host),
    },
    (request, response) => {
      if (!refuses(request, response)) void handle(request, response);
    },
  );
  const connections = new Connections(server);
  const exporting = await letMetricsOut(host);
  traces?.record(manifest);
  const streams = await serveStreams(host, server);
  const port = await listen(server);
  const consumers = [...streams, ...(await subscribe(host)), ...(await awaitWakes(host))];
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= shutDown(host, server, connections, consumers, [exporting, traces]).finally(letGo);
    return stopping;
  };
  const letGo = catchUncaught(stop);
  // Before anybody is told that it has started, and may end it.
  listenForEnd(() => void stop().then(() => process.exit(0)));
  const metrics = exporting?.port;
  const started = { port, services: host.services, gateway: host.gateway };
  if (workerRole()) void tellLeader({ fairlead: 'started', ...started });
  else log.info('application started', { ...started, ...(metrics !== undefined && { metrics_port: metrics }) });
  return { port, stop };
}

/** By a signal; a worker is told by the process that leads it, since a terminal sends its signals to all. Node ends one that nobody leads. */
function listenForEnd(end: () => void): void {
  if (workerRole()) {
    for (const signal of endSignals) process.on(signal, () => {});
    process.on('message', ({ fairlead }: ToWorker) => fairlead === 'stop' && end());
    return;
  }
  let told = false;
  for (const signal of endSignals)
    process.on(signal, () => {
      if (told) process.exit(128 + constants.signals[signal]);
      told = true;
      end();
    });
}

/** Whether anybody but us reads requests, and may wait for the end of one that has no body: else there need be no stream of it. */
function handsOutRequests({ endpoints, config }: Host): boolean {
  return (
    config.fairlead?.object_urls !== undefined ||
    [...endpoints.values()].some(({ endpoint }) => endpoint.kind === 'raw')
  );
}

/** What offers another protocol, such as HTTP/2, is a request like any other; without streams so is a WebSocket. */
function opensStream(this: Server, { headers }: IncomingMessage): boolean {
  return this.listenerCount('upgrade') > 0 && headers.upgrade?.toLowerCase() === 'websocket';
}

async function listen(server: Server): Promise<number> {
  const { HOST: address = defaultAddress, PORT = '8080' } = process.env;
  try {
    server.listen(Number(PORT), address);
    await once(server, 'listening');
  } catch (error) {
    throw new StartError(
      'FL6005',
      `cannot listen on ${address}:${PORT}: ${(error as Error).message}`,
      'Set PORT and HOST to an address of this machine that nothing else listens on.',
    );
  }
  return (server.address() as AddressInfo).port;
}

/** WebSockets are of interest only to a process with streams, its own or others; the rest never load them. */
async function serveStreams(host: Host, server: Server): Promise<Consumer[]> {
  const { services, remote, routes } = host.manifest;
  const endpoints = [...services, ...remote].flatMap((service) => service.endpoints);
  if (![...endpoints, ...routes].some(({ kind }) => kind === 'stream')) return [];
  const { createUpgrade, drainStreams } = await import('../stream/mod.ts');
  const upgrade = createUpgrade(host);
  server.on('upgrade', (request, socket: Socket, head) => {
    if (!refusesUpgrade(request, socket)) void upgrade(request, socket, head);
  });
  return [{ stop: drainStreams }];
}

/** Messages are of interest only to a process with subscriptions; the others never load the broker. */
async function subscribe(host: Host): Promise<Consumer[]> {
  const wanted = host.manifest.services.some(
    ({ name, subscriptions }) => subscriptions.length > 0 && host.services.includes(name),
  );
  if (!wanted) return [];
  if (!host.config.fairlead?.broker && !host.config.pubsub?.length) {
    log.warn('no broker is configured: the subscriptions of this process receive nothing');
    return [];
  }
  const { consumeSubscriptions } = await import('../pubsub/consume.ts');
  return consumeSubscriptions(host);
}

/** What lets out what was counted and traced, until the end. */
type Exports = readonly ({ stop(): Promise<void> } | undefined)[];

/** Only where somebody takes metrics; elsewhere nothing is counted. */
async function letMetricsOut({ config, services }: Host): Promise<Exporting | undefined> {
  const { FAIRLEAD_METRICS_PORT: port, HOST: address = defaultAddress } = process.env;
  if (!port && !config.fairlead?.telemetry && !config.metrics) return undefined;
  if (workerRole()) return (await import('../workers/report.ts')).reportMetrics(services);
  const { exportMetrics } = await import('../metrics/export.ts');
  return exportMetrics({ config, services, address, port });
}

/** Only where the target wakes cron jobs by a queue. */
async function awaitWakes(host: Host): Promise<Consumer[]> {
  const queue = host.config.fairlead?.cron;
  // One of several workers is enough.
  if (queue?.type !== 'aws_sqs' || host.manifest.cronJobs.length === 0 || (workerRole()?.index ?? 0) > 0) return [];
  const { consumeWakes } = await import('../cron/consume.ts');
  return [consumeWakes(host, queue)];
}

async function shutDown(
  host: Host,
  server: Server,
  connections: Connections,
  consumers: Consumer[],
  exporting: Exports,
): Promise<void> {
  if (!workerRole()) log.info('shutting down');
  host.draining = true;
  const total = host.config.graceful_shutdown?.total ?? defaultGrace;
  const work = finish(server, connections, consumers, exporting).catch((error) =>
    log.error(error, 'the shutdown failed'),
  );
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), total * 1000);
  });
  if ((await Promise.race([work, late])) === 'late') log.warn('the shutdown took too long: what is left is cut off');
  clearTimeout(timer);
  server.closeAllConnections();
  closeAgents();
  setApplication(undefined);
}

/** Node's own way would also cut off answers that are still on their way, and forget the connections that are busy now. */
async function closeServer(server: Server, connections: Connections): Promise<void> {
  const closed = once(server, 'close');
  NetServer.prototype.close.call(server);
  connections.end();
  await closed;
}

/** Databases, the broker and whoever counts stay until the last request and message is done with them. */
async function finish(
  server: Server,
  connections: Connections,
  consumers: Consumer[],
  exporting: Exports,
): Promise<void> {
  await Promise.all([closeServer(server, connections), ...consumers.map((consumer) => consumer.stop())]);
  const [{ closePools }, { closePubsub }, { closeCaches }] = await Promise.all([
    import('../storage/sqldb/pool.ts'),
    import('../pubsub/publish.ts'),
    import('../storage/cache/configured.ts'),
  ]);
  await Promise.all([closePools(), closePubsub(), closeCaches(), ...exporting.map((one) => one?.stop())]);
}
