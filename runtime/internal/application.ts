import { readFileSync } from 'node:fs';
import type { CallOpts } from '../api/api.ts';
import type { Attachment, BrokerConfig, Manifest } from '../wire.ts';

/** The application running in this process; there is at most one. */
export interface Application {
  manifest: Manifest;
  /** The services that run here. */
  hosted: string[];
  call(service: string, endpoint: string, params: unknown, opts?: CallOpts): Promise<unknown>;
  /** Told of every subscription as it is declared. */
  subscribed?(topic: string, subscription: string): void;
  /** Queues for this process alone, made when they are asked for. @default those that are configured */
  ownQueues?(broker: BrokerConfig): Promise<BrokerConfig>;
}

let running: Application | undefined;

export function application(): Application | undefined {
  running ??= attached(process.env.FAIRLEAD_ATTACHED);
  return running;
}

/** In a process that the application did not start: what {@link Attachment} describes. The work behind it is loaded when it is asked for. */
function attached(path: string | undefined): Application | undefined {
  if (!path) return undefined;
  const { manifest, test = false } = JSON.parse(readFileSync(path, 'utf8')) as Attachment;
  const load = () => import('./attached.ts');
  return {
    manifest,
    hosted: manifest.services.map(({ name }) => name),
    call: async (...args) => (await load()).callAttached(manifest, ...args),
    ...(test && {
      subscribed: (...names) => void load().then(({ consume }) => consume(manifest, ...names)),
      ownQueues: async (broker) => (await load()).makeQueues(broker),
    }),
  };
}

export function setApplication(app: Application | undefined): void {
  running = app;
}
