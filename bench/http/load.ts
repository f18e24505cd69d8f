// Asks a server as often as it is told, as fast as it can, in a process of its own: `node load.ts <origin> <request> <times>`. Prints what was measured.
import autocannon from 'autocannon';
import { type RequestName, requests } from './application.ts';

const [origin, name, amount] = process.argv.slice(2) as [string, RequestName, string];
const { method, path, headers, body } = requests[name];
const result = await autocannon({
  url: `${origin}${path}`,
  method,
  headers,
  ...(body !== undefined && { body }),
  connections: 64,
  amount: Number(amount),
});
if (result.non2xx > 0 || result.errors > 0) throw new Error(`${result.non2xx} refusals, ${result.errors} errors`);
const { requests: answered, latency } = result;
console.log(JSON.stringify({ requests: answered.total, seconds: result.duration, p99: latency.p99 }));
