import { defineLeaf } from '../../leaf.ts';
import { pullRequestOf } from '../../pull-request-event.ts';
import * as shared from '../../shared-inputs.ts';

export const leaf = defineLeaf({
  description: 'Keeps one comment under a pull request: it is created once and replaced from then on.',
  inputs: {
    ...shared.token,
    'pull-request': {
      description: 'Its number. Without it: of the pull request that the event is about.',
      type: 'number',
    },
    name: { description: 'Tells this comment from others: lower-case letters, digits and dashes.', default: 'note' },
    body: { description: 'What it says, as Markdown.', required: true },
  },
  outputs: { 'pull-request': 'The number of the pull request.' },
  async run({ name, body, ...inputs }, runner) {
    const number = inputs['pull-request'] ?? pullRequestOf(runner.event, runner.run).number;
    await (await runner.forge()).comment(number, `<!-- fairlead:${slug(name)} of its own -->\n\n${body}`);
    return { outputs: { 'pull-request': String(number) } };
  },
});

/** Nothing in it may end the marker. */
function slug(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
}
