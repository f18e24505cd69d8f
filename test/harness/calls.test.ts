import { expect, test } from '@jest/globals';
import { identityOf } from './contexts.ts';
import type { Files } from './model.ts';
import { stage, workflows } from './stage.ts';

const kitFiles: Files = {
  ...workflows({
    called: `on:
  workflow_call:
    inputs:
      text: { type: string, required: true }
      flag: { type: boolean, default: false }
      more: { type: string, default: more }
    secrets:
      key: { required: false }
    outputs:
      value: { value: "\${{ jobs.made.outputs.value }}" }
permissions: {}
env: { OWN: called }
jobs:
  made:
    runs-on: x
    permissions: { contents: read }
    outputs: { value: "\${{ steps.it.outputs.value }}" }
    steps:
      - { id: it, name: output, run: output, env: { VALUE: "\${{ inputs.text }} \${{ inputs.more }}" } }
      - name: say
        run: say
        env: { SAY: "\${{ env.OWN }}\${{ env.CALLER }} \${{ github.repository }} \${{ github.workflow }} \${{ job.workflow_repository }} \${{ secrets.key }}\${{ secrets.other }}" }
  part:
    needs: made
    runs-on: x
    steps:
      - id: part
        uses: $/actions/part
        with: { what: "\${{ inputs.text }}" }
      - { name: say, run: say, env: { SAY: "\${{ steps.part.outputs.said }}" } }
`,
    deeper: 'on: { workflow_call: {} }\njobs:\n  deeper:\n    uses: $/.github/workflows/deepest.yml\n',
    deepest:
      'on: { workflow_call: {} }\njobs:\n  deepest:\n    runs-on: x\n    steps:\n      - { name: say, run: say, env: { SAY: deep } }\n',
    writes:
      'on: { workflow_call: {} }\njobs:\n  writes:\n    runs-on: x\n    permissions: { deployments: write }\n    steps:\n      - { name: say, run: say }\n',
  }),
  'actions/part/action.yml': `name: Part
description: A part
inputs:
  what: { description: What, required: true }
  more: { description: More, default: more }
outputs:
  said: { description: What was said, value: "\${{ steps.inner.outputs.value }}" }
runs:
  using: composite
  steps:
    - { name: say, run: say, shell: bash, env: { SAY: "\${{ inputs.what }} \${{ inputs.more }}" } }
    - { name: fail, run: fail, shell: bash, if: "inputs.what == 'broken'" }
    - { id: inner, uses: $/actions/leaf, with: { a: "\${{ inputs.what }}" } }
    - { name: say, run: say, shell: bash, if: failure(), env: { SAY: "a step here failed" } }
`,
  'actions/leaf/action.yml':
    'name: Leaf\ndescription: A leaf\ninputs:\n  a: { description: A }\n  b: { description: B, default: "${{ github.token }}" }\noutputs:\n  value: { description: V }\nruns: { using: node24, main: main.js }\n',
};

function call(options: { caller?: string; uses?: string; more?: string; secrets?: Record<string, string> } = {}) {
  const {
    caller = '',
    uses = 'fairlead-dev/fairlead/.github/workflows/called.yml@v0',
    more = '    with: { text: hello }\n',
  } = options;
  return stage({
    files: workflows({
      ci: `name: CI\non: push\nenv: { CALLER: caller }\n${caller}jobs:\n  call:\n    permissions: { contents: read }\n    uses: ${uses}\n${more}  after:\n    needs: call\n    runs-on: x\n    steps:\n      - { name: say, run: say, env: { SAY: "\${{ needs.call.outputs.value }}" } }\n`,
    }),
    kit: { repository: 'fairlead-dev/fairlead', refs: ['v0'], sha: 'f'.repeat(40), files: kitFiles },
    handlers: {
      '$/actions/leaf': async ({ inputs, job }) => ({ outputs: { value: `${inputs.a} ${inputs.b === job.token}` } }),
    },
    ...(options.secrets && { secrets: { repository: options.secrets } }),
  });
}

async function pushed(scene: ReturnType<typeof stage>) {
  scene.repository.push('main');
  await scene.platform.settle();
  return scene;
}

// https://docs.github.com/actions/reference/workflows-and-actions/reusing-workflow-configurations
test('a called workflow has its inputs, its own variables and the github context of its caller', async () => {
  const { said, results } = await pushed(call());
  expect(said).toEqual([
    'call/made: called ada/shop CI fairlead-dev/fairlead ',
    'call/part: hello more',
    'call/part: hello true',
    'after: hello more',
  ]);
  expect(results()).toEqual({ 'call/made': 'success', 'call/part': 'success', after: 'success' });
});

// https://docs.github.com/actions/reference/security/oidc
test('an identity of a called workflow says which one was called', async () => {
  const scene = await pushed(call({ uses: 'fairlead-dev/fairlead/.github/workflows/deeper.yml@v0', more: '' }));
  const job = new Proxy(scene.job('call/deeper/deepest'), {
    get: (target, key) => (key === 'permissions' ? { 'id-token': 'write' } : Reflect.get(target, key)),
  });
  expect(identityOf(scene.repository, job, 'aws')).toMatchObject({
    workflow_ref: 'ada/shop/.github/workflows/ci.yml@refs/heads/main',
    job_workflow_ref: 'fairlead-dev/fairlead/.github/workflows/deepest.yml@refs/tags/v0',
  });
});

test('secrets are only those that are passed', async () => {
  const secrets = { KEY: 'k', other: 'o' };
  expect((await pushed(call({ secrets }))).said[0]).toMatch(/fairlead $/);
  const more = '    with: { text: hello }\n    secrets: { key: "${{ secrets.KEY }}" }\n';
  expect((await pushed(call({ secrets, more }))).said[0]).toMatch(/fairlead k$/);
  expect((await pushed(call({ secrets, more: '    with: { text: hello }\n    secrets: inherit\n' }))).said[0]).toMatch(
    /fairlead ko$/,
  );
});

test('a failing step fails its composite, whose later steps see it', async () => {
  const { said, results } = await pushed(call({ more: '    with: { text: broken }\n' }));
  expect(said.slice(1)).toEqual(['call/part: broken more', 'call/part: a step here failed']);
  expect(results()).toMatchObject({ 'call/part': 'failure' });
});

test('`$/` is the repository of the file that it stands in, also of one that is called by another', async () => {
  const { said } = await pushed(call({ uses: 'fairlead-dev/fairlead/.github/workflows/deeper.yml@v0', more: '' }));
  expect(said).toEqual(['call/deeper/deepest: deep', 'after: ']);
});

test('inputs of types that the parser does not tell are loud', async () => {
  const files = workflows({
    ci: 'on: push\njobs:\n  call:\n    uses: ./.github/workflows/numbers.yml\n',
    numbers: 'on: { workflow_call: { inputs: { n: { type: number, default: 1 } } } }\njobs:\n  a:\n    runs-on: x\n',
  });
  await expect(pushed(stage({ files }))).rejects.toThrow(/does not model the type of input n/);
});

test('what does not fit does not start', async () => {
  const refusal = async (options: Parameters<typeof call>[0]) => {
    const { run, said } = await pushed(call(options));
    expect([run().conclusion, said]).toEqual(['startup_failure', []]);
    return run().refusal;
  };
  expect(await refusal({ more: '' })).toMatch(/text is required/);
  expect(await refusal({ more: '    with: { text: a, other: b }\n' })).toMatch(/other is not defined/);
  expect(await refusal({ more: '    with: { text: a, flag: "yes" }\n' })).toMatch(/not a boolean/);
  expect(await refusal({ uses: 'fairlead-dev/fairlead/.github/workflows/called.yml@v9' })).toMatch(/no v9/);
  expect(await refusal({ uses: 'fairlead-dev/fairlead/.github/workflows/none.yml@v0' })).toMatch(/not found/);
  expect(await refusal({ uses: 'fairlead-dev/fairlead/.github/workflows/writes.yml@v0', more: '' })).toMatch(
    /asks for deployments: write, but is only allowed deployments: none/,
  );
});
