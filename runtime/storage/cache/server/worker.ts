// The cache server as a thread of its own: told its port and clusters as `workerData`, and other clusters by messages, each of which it
// answers with the port when it has seen to it. It ends with the thread.
import { parentPort, workerData } from 'node:worker_threads';
import type { CacheServerCluster, CacheServerRequest } from '../../../wire.ts';
import { serveCaches } from './serve.ts';

const { port, clusters } = workerData as CacheServerRequest;
const server = await serveCaches(port, clusters);
parentPort?.on('message', (wanted: CacheServerCluster[]) => {
  server.serve(wanted);
  parentPort?.postMessage(server.port);
});
parentPort?.postMessage(server.port);
