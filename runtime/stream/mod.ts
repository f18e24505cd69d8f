export { createUpgrade } from '../http/upgrade.ts';
export { openStream } from './open.ts';
export { drainStreams } from './open-streams.ts';
