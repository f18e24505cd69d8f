import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { kit } from '../github/kit.ts';

/** An `action.yml`, as far as a reader cares. */
interface Definition {
  name: string;
  description: string;
  inputs?: Record<string, { description: string; required?: boolean; default?: string }>;
  outputs?: Record<string, { description: string }>;
}

interface About {
  /** What the job has to grant, and why. */
  permissions: Record<string, string>;
  /** What else to know, in Markdown. */
  note: string;
}

const identity = { 'id-token': 'write # to get credentials of a cloud; not for the target local' };
const recording = { ...identity, deployments: 'write # to record what runs where' };
const reading = { contents: 'read # to read fairlead.json' };
const comparing = { contents: 'read # to compare commits' };
const commenting = { 'pull-requests': 'write # to read pull requests and comment on them' };

/** The actions that people use, and what their definitions do not say. */
const actions: Record<string, About> = {
  setup: {
    permissions: {},
    note: 'The first step of every job that uses Fairlead, except of those that only check. It installs esbuild in jobs that build, and PostgreSQL in jobs that deploy to the target local; everything else is bundled. What a cache gives it is compared with the digests of the lock.',
  },
  analyze: {
    permissions: { contents: 'read # to check out the repository' },
    note: 'Needs the repository checked out, and its packages installed; no set-up. With `fetch-depth: 2` it says what a pull request changes. With `sarif: true` the job needs `security-events: write`.',
  },
  plan: {
    permissions: { ...identity, deployments: 'read # to see what runs there' },
    note: 'Needs what a job before it has built, as `actions/deploy` does.',
  },
  build: {
    permissions: { contents: 'read # to check out the repository' },
    note: 'Needs the repository checked out. It runs whatever the install scripts and build hooks of the application do: give its job no credentials.',
  },
  deploy: {
    permissions: { ...comparing, ...recording, ...commenting },
    note: 'For workflows `on: pull_request`. It checks nothing out and runs nothing of the application on the runner. Give its job the concurrency group of the pull request, never cancelled.',
  },
  promote: {
    permissions: {
      ...comparing,
      ...recording,
      'pull-requests': 'read # to find the pull request that the commit came with',
    },
    note: 'For workflows `on: push`. Give its job the concurrency group of the environment, with `queue: max`, never cancelled: the group is the lock.',
  },
  rollback: {
    permissions: { ...reading, ...recording },
    note: 'Nothing is checked out: the configuration is read from GitHub. Runs in the concurrency group of the environment.',
  },
  resume: { permissions: { ...reading, ...recording }, note: 'Runs in the concurrency group of the environment.' },
  cleanup: {
    permissions: { ...reading, ...recording, ...commenting },
    note: 'For `on: pull_request_target` with `types: [closed]`, for a schedule, and by hand. It reads no source.',
  },
  comment: {
    permissions: commenting,
    note: 'For notes of your own. Fairlead keeps its own comment by itself.',
  },
};

/**
 * The README of each action, and of all of them: path in the repository → text.
 * @param made definitions that may not be written yet
 */
export function readmes(root: string, made: Readonly<Record<string, string>>): Record<string, string> {
  const read = (path: string) => parse(made[path] ?? readFileSync(join(root, path), 'utf8')) as Definition;
  const each = Object.entries(actions).map(([name, about]): [string, string] => [
    `actions/${name}/README.md`,
    renderReadme(`actions/${name}`, read(`actions/${name}/action.yml`), about),
  ]);
  const list = Object.keys(actions).map(
    (name) => `| [${name}](${name}/README.md) | ${cell(read(`actions/${name}/action.yml`).description)} |`,
  );
  return { ...Object.fromEntries(each), 'actions/README.md': renderIndex(read('action.yml'), list) };
}

function renderIndex(definition: Definition, list: readonly string[]): string {
  return page([
    '# Actions',
    'Most repositories need none of these: they call the workflows in [workflows/](../workflows/), which put them together. For workflows of your own there is each of them, or all as one step.',
    ['| Action | What it does |', '|---|---|', ...list].join('\n'),
    '## All as one step',
    definition.description.trim(),
    'The job that builds runs code of the application, and so it has no right but to read. The job that puts up what it built checks nothing out, and knows it by its `handover`. A preview on your own machine, for example:',
    yaml(ownWorkflow),
    'A job with the command `deploy` has `pull-requests: read`; one with `rollback` or `resume` needs no `pull-requests` at all. With a cloud in place of `local` these jobs have `id-token: write`, too, and sign in before this step. `cleanup` in a workflow of its own removes what is closed; its permissions are those of `preview`.',
    ...tables(definition),
  ]);
}

/** A whole workflow out of the action that is all as one step. */
const ownWorkflow = [
  'name: Preview',
  'on: pull_request',
  'permissions: {}',
  'jobs:',
  '  build:',
  '    runs-on: ubuntu-latest',
  '    permissions:',
  '      contents: read # to check out the pull request',
  '    outputs:',
  `      handover: \${{ steps.build.outputs.handover }}`,
  '    steps:',
  '      - uses: actions/checkout@v7',
  '        with:',
  '          persist-credentials: false',
  `      - uses: ${kit.repository}@${kit.ref}`,
  '        id: build',
  '        with:',
  '          command: build',
  '          target: local',
  '  preview:',
  '    needs: build',
  '    runs-on: self-hosted',
  '    environment:',
  '      name: preview',
  '      deployment: false # it is recorded with its URL by the step',
  '    concurrency:',
  `      group: fairlead-pr-\${{ github.event.number }}`,
  '      cancel-in-progress: false',
  '      queue: max',
  '    permissions:',
  ...grantLines({ contents: comparing.contents, deployments: recording.deployments, ...commenting }, '      '),
  '    steps:',
  `      - uses: ${kit.repository}@${kit.ref}`,
  '        id: preview',
  '        with:',
  '          command: preview',
  '          target: local',
  `          handover: \${{ needs.build.outputs.handover }}`,
  '      - run: curl --fail "$URL/health"',
  '        env:',
  `          URL: \${{ steps.preview.outputs.url }}`,
];

function grantLines(permissions: Record<string, string>, indent: string): string[] {
  return Object.entries(permissions).map(([scope, grant]) => `${indent}${scope}: ${grant}`);
}

function renderReadme(path: string, definition: Definition, { permissions, note }: About): string {
  const grants = grantLines(permissions, '  ');
  return page([
    `# ${definition.name}`,
    definition.description.trim(),
    note,
    ...(grants.length > 0 ? [yaml(['permissions:', ...grants])] : []),
    example(path, definition),
    ...tables(definition),
  ]);
}

/** With the inputs that have to be there, and what a job before it has built. */
function example(path: string, { inputs = {} }: Definition): string {
  const required = Object.entries(inputs).flatMap(([name, { required }]) => {
    if (name === 'handover') return [`    handover: \${{ needs.build.outputs.handover }} # of the job that has built`];
    return required ? [`    ${name}: …`] : [];
  });
  const uses = `${kit.repository}/${path}@${kit.ref}`;
  return yaml([`- uses: ${uses}`, ...(required.length > 0 ? ['  with:', ...required] : [])]);
}

function tables({ inputs = {}, outputs = {} }: Definition): string[] {
  const inputRows = Object.entries(inputs).map(([name, { description, required, default: value }]) => {
    const what = required ? 'required' : value === undefined || value === '' ? '' : `\`${value}\``;
    return `| \`${name}\` | ${cell(description)} | ${what} |`;
  });
  const outputRows = Object.entries(outputs).map(([name, { description }]) => `| \`${name}\` | ${cell(description)} |`);
  return [
    ...(inputRows.length > 0
      ? ['## Inputs', ['| Input | Meaning | Default |', '|---|---|---|', ...inputRows].join('\n')]
      : []),
    ...(outputRows.length > 0 ? ['## Outputs', ['| Output | Meaning |', '|---|---|', ...outputRows].join('\n')] : []),
  ];
}

function yaml(lines: readonly string[]): string {
  return ['```yaml', ...lines, '```'].join('\n');
}

function cell(text: string): string {
  return text.trim().replace(/\s+/g, ' ').replaceAll('|', '\\|');
}

function page(parts: readonly string[]): string {
  return `<!-- Made by \`npm run docs\` from action.yml. -->\n\n${parts.join('\n\n')}\n`;
}
