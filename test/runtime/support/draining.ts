// A process with an endpoint that takes a while, and one with an answer that does not go out at once.
import { setTimeout as sleep } from 'node:timers/promises';
import { createManifest } from '../../../images/bundle/manifest.ts';
import { start } from '../../../runtime/internal/start.ts';
import log from '../../../runtime/log/mod.ts';
import { graphOf, message, text } from './graph.ts';

const get = { methods: ['GET' as const], exposed: true };
const graph = graphOf({
  web: {
    endpoints: [
      { name: 'slow', ...get, path: '/slow' },
      { name: 'raw', ...get, kind: 'raw', path: '/raw' },
      { name: 'large', ...get, path: '/large', response: message({ text }) },
    ],
  },
});

await start({
  manifest: createManifest(graph, { name: 'app', services: ['web'], gateway: true }),
  handlers: {
    'web.slow': async () => {
      log.info('began');
      await sleep(300);
    },
    'web.raw': (async (_request: unknown, response: { end(text: string): void }) => {
      log.info('began');
      await sleep(300);
      response.end('raw');
    }) as never,
    'web.large': () => ({ text: 'x'.repeat(64 * 1024 * 1024) }),
  },
});
