// `npm run aws-fake`: an account of AWS to try things out with, until Ctrl-C. Containers, databases and queues in it are real.
import { once } from 'node:events';
import { makeFakeAws } from './fake.ts';

const aws = await makeFakeAws({ containers: 'real' });
console.error('A fake AWS is up. In another terminal:\n');
for (const [name, value] of Object.entries(aws.env)) console.log(`export ${name}=${value}`);
console.error(
  '\nIts containers find Node on this machine: "build": { "base": "scratch" } in fairlead.json. Ctrl-C ends it, with all that is in it.',
);
await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
await aws.dispose();
process.exit();
