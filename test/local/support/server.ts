// Asks for the server as one of several processes at once: node server.ts <state directory>. Prints its port.
import { openKeys } from '../../../local/keys.ts';
import { Locks } from '../../../local/lock.ts';
import { ensureServer } from '../../../local/postgres/server.ts';
import { openState } from '../../../local/state.ts';

const state = openState(process.argv[2]!);
const server = await ensureServer(state, openKeys(state), new Locks(state.directory));
console.log(server.port);
