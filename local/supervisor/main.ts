// The supervisor of one environment, a process of its own: node main.ts <state directory> <application> <environment>.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Locks, lockName } from '../lock.ts';
import { pathsOf, writeJson } from '../state.ts';
import { createControl } from './control.ts';
import { watchServer } from './database-watch.ts';
import { type Handle, protocolVersion } from './protocol.ts';
import { Supervisor } from './supervisor.ts';

const [stateDirectory, application, name] = process.argv.slice(2) as [string, string, string];

// Held until this process ends, in whatever way: whoever holds it is the environment's supervisor.
if (!new Locks(stateDirectory).tryTake(lockName('supervisor', { application, name }))) process.exit(0);

const state = pathsOf(stateDirectory);
const directory = state.environment({ application, name });
// Whoever started this one may have been killed, and the environment destroyed in the meantime.
if (!existsSync(directory)) process.exit(0);

const supervisor = new Supervisor(directory);
const token = randomBytes(32).toString('base64url');
const control = createControl(supervisor, token, () => process.exit(0));
control.listen(0, '127.0.0.1');
await once(control, 'listening');
supervisor.endLeftovers();
writeJson(join(directory, 'run', 'supervisor.json'), {
  version: protocolVersion,
  pid: process.pid,
  port: (control.address() as AddressInfo).port,
  token,
} satisfies Handle);
void watchServer(state, () => supervisor.usesDatabases);

for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.once(signal, () => void supervisor.stop().finally(() => process.exit(0)));
// The terminal that it was started from may go.
process.on('SIGHUP', () => {});
