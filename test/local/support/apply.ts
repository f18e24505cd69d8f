// What a command line does, as a process of its own that can be killed: node apply.ts <JSON of ApplyArguments>.
import { createLocalTarget } from '../../../local/mod.ts';
import type { Environment, Reporter } from '../../../pipeline/mod.ts';
import type { AppVersion } from '../../conformance/tiny-app.ts';
import { planOf, quiet, tinyGraph } from '../../conformance/tiny-app.ts';
import { TinyStore } from './tiny-app.ts';

export interface ApplyArguments {
  stateDirectory: string;
  images: string;
  environment: Environment;
  app: AppVersion;
  /** Kills itself at the start of the step of this number, or in the middle of its work. */
  die?: { step: number; when: 'before' | 'during' };
  /** Destroys instead. */
  destroy?: boolean;
}

const { stateDirectory, images, environment, app, die, destroy } = JSON.parse(process.argv[2]!) as ApplyArguments;
const store = new TinyStore(images);
const target = createLocalTarget({ stateDirectory, images: store });
let count = 0;
const report: Reporter = {
  ...quiet,
  step: async (_title, work) => {
    const here = count++ === die?.step;
    if (here && die?.when === 'before') process.kill(process.pid, 'SIGKILL');
    const working = work();
    // Long enough to have begun, short enough not to be through.
    if (here && die?.when === 'during') setTimeout(() => process.kill(process.pid, 'SIGKILL'), 15);
    return working;
  },
};
if (destroy) await target.destroy(environment, report);
else await target.apply(planOf(store.build(app, tinyGraph(app)), environment), report);
console.log(`finished after ${count} steps`);
