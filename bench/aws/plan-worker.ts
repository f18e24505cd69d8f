// Plans an environment in AWS in a process of its own, as `fairlead plan` does with what is built: the analysis of the sources in the
// current directory, both templates, and in words what they would change. Arguments: the environment, and how services are allocated.
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// As cli/bin.js has it.
enableCompileCache(fileURLToPath(new URL('../../node_modules/.cache/fairlead', import.meta.url)));
const { plan } = await import('./plan.ts');
console.log(await plan(process.argv[2] ?? '', process.argv[3] === 'per-service' ? 'per-service' : 'all-in-one'));
