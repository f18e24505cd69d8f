import { defineLeaf } from '../../leaf.ts';
import { needsOf } from '../../setup/needs.ts';
import * as shared from '../../shared-inputs.ts';

export const leaf = defineLeaf({
  description: 'Installs the few packages of the kit that come with programs for the machine. The others are bundled.',
  inputs: {
    target: { ...shared.place.target, required: false },
    for: {
      description: 'What the steps after it do: `build` applications, `deploy` what was built, or `all`.',
      options: ['build', 'deploy', 'all'],
      default: 'all',
    },
    cache: {
      description: 'Whether to restore and save a cache. A job that may ask for its identity never restores one.',
      type: 'boolean',
      default: 'true',
    },
  },
  outputs: { installed: 'The packages that had to be installed, as JSON.' },
  async run({ target = '', for: purpose, cache }, { kit, env, report }) {
    // A cache is written where anything may run, and unpacked to wherever its files say.
    const mayRestore = cache && !env.ACTIONS_ID_TOKEN_REQUEST_URL;
    const installed: string[] = [];
    for (const need of needsOf(target, purpose)) {
      const how = await report.step(`Install for ${need}`, () => kit.install(need, { cache: mayRestore }));
      if (how !== 'present') installed.push(need);
    }
    return { outputs: { installed: JSON.stringify(installed) } };
  },
});
