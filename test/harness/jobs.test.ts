import { expect, test } from '@jest/globals';
import { minutes, stage, workflows } from './stage.ts';

/** A workflow on `push` with these jobs; each line of a job is indented by two. */
const onPush = (jobs: string) => workflows({ ci: `on: push\njobs:\n${jobs}` });

const say = (text: string, more = '') => `- { name: say, run: say, env: { SAY: "${text}" } ${more} }`;
const steps = (...lines: string[]) => `    steps:\n${lines.map((line) => `      ${line}\n`).join('')}`;
const job = (id: string, ...rest: string[]) => `  ${id}:\n    runs-on: ubuntu-latest\n${rest.join('')}`;
const key = (text: string) => `    ${text}\n`;

async function push(jobs: string, options: Partial<Parameters<typeof stage>[0]> = {}) {
  const scene = stage({ files: onPush(jobs), ...options });
  scene.repository.push('main');
  await scene.platform.settle();
  return scene;
}

const fails = steps('- { name: fail, run: fail }');
const passes = steps(say('hello'));

// https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idneeds
test('a failure or a skip reaches everything after it in the chain, unless a condition says otherwise', async () => {
  const { results, run } = await push(
    [
      job('first', fails),
      job('second', key('needs: first'), passes),
      job('third', key('needs: second'), passes),
      job('always', key('needs: first'), key('if: always()'), passes),
      job('after', key('needs: always'), passes),
      job('mended', key('needs: always'), key(`if: "!cancelled() && needs.always.result == 'success'"`), passes),
      job('alarm', key('needs: third'), key('if: failure()'), passes),
    ].join(''),
  );
  expect(results()).toEqual({ first: 'failure', always: 'success', mended: 'success', alarm: 'success' });
  expect(run().conclusion).toBe('failure');
});

test('a condition without a status function holds only after success', async () => {
  const { results } = await push(
    [job('first', fails), job('second', key('needs: first'), key('if: github.ref != null'), passes)].join(''),
  );
  expect(results()).toEqual({ first: 'failure' });
});

// https://docs.github.com/actions/reference/workflows-and-actions/contexts#needs-context
test('outputs go from steps to jobs to what needs them', async () => {
  const { said } = await push(
    [
      job(
        'first',
        key("outputs: { value: '${{ steps.made.outputs.value }}!', none: '${{ steps.other.outputs.value }}' }"),
        steps('- { id: made, name: output, run: output, env: { VALUE: "${{ github.ref_name }}" } }'),
      ),
      job(
        'second',
        key('needs: first'),
        steps(say("${{ needs.first.outputs.value }} ${{ needs.first.result }} '${{ needs.first.outputs.none }}'")),
      ),
    ].join(''),
  );
  expect(said).toEqual(["second: main! success ''"]);
});

// https://docs.github.com/actions/reference/workflows-and-actions/contexts#steps-context
test('a step that may fail has failed, but its job has not', async () => {
  const { said, results } = await push(
    job(
      'only',
      steps(
        '- { id: it, name: fail, run: fail, continue-on-error: true }',
        say('${{ steps.it.outcome }} ${{ steps.it.conclusion }} ${{ job.status }}'),
      ),
    ),
  );
  expect(said).toEqual(['only: failure success success']);
  expect(results()).toEqual({ only: 'success' });
});

test('after a failure only steps whose condition says so go on', async () => {
  const { said } = await push(
    job(
      'only',
      steps(
        '- { name: fail, run: fail }',
        say('plain'),
        say('failure', ', if: failure()'),
        say('always', ', if: always()'),
      ),
    ),
  );
  expect(said).toEqual(['only: failure', 'only: always']);
});

// https://docs.github.com/actions/reference/workflows-and-actions/variables
test('variables of the workflow, the job and the step, and those that steps leave for later ones', async () => {
  const scene = stage({
    files: workflows({
      ci: `on: push\nenv: { A: workflow, B: workflow }\njobs:\n${job(
        'only',
        key('env: { B: job, C: "${{ vars.REGION }}" }'),
        steps(
          say('${{ env.A }} ${{ env.B }} ${{ env.C }} ${{ env.EXPORTED }}'),
          '- { name: export, run: export, env: { VALUE: left } }',
          say('${{ env.B }} ${{ env.EXPORTED }}', ''),
        ),
      )}`,
    }),
  });
  scene.repository.settings.setVariable('REGION', 'here');
  scene.repository.push('main');
  await scene.platform.settle();
  expect(scene.said).toEqual(['only: workflow job here ', 'only: job left']);
});

// https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstrategymatrix
test('a matrix of an expression, with its include and exclude', async () => {
  const { said } = await push(
    job(
      'only',
      key('strategy:'),
      key(
        "  matrix: { os: '${{ fromJSON(''[\"a\",\"b\"]'') }}', node: [1, 2], exclude: [{ os: b, node: 1 }], include: [{ os: a, extra: x }, { os: c }] }",
      ),
      steps(say('${{ matrix.os }} ${{ matrix.node }} ${{ matrix.extra }} ${{ strategy.job-total }}')),
    ),
  );
  expect(said.sort()).toEqual([
    'only (a, 1, x): a 1 x 4',
    'only (a, 2, x): a 2 x 4',
    'only (b, 2): b 2  4',
    'only (c): c   4',
  ]);
});

test('a matrix cancels the rest of it when one fails, and does not when told so', async () => {
  const matrix = (failFast: boolean) =>
    job(
      'only',
      key(`strategy: { fail-fast: ${failFast}, matrix: { what: [fail, wait] } }`),
      steps(
        "- { name: fail, run: fail, if: matrix.what == 'fail' }",
        "- { name: wait, run: wait, if: matrix.what == 'wait' }",
      ),
    );
  expect((await push(matrix(true), { delay: minutes })).results()).toEqual({
    'only (fail)': 'failure',
    'only (wait)': 'cancelled',
  });
  expect((await push(matrix(false), { delay: minutes })).results()).toEqual({
    'only (fail)': 'failure',
    'only (wait)': 'success',
  });
});

test('no more of a matrix at once than it says', async () => {
  const scene = await push(
    job('only', key('strategy: { max-parallel: 1, matrix: { n: [1, 2] } }'), steps('- { name: wait, run: wait }')),
    { delay: minutes },
  );
  expect(scene.said).toEqual(['only (1): begins', 'only (1): ends', 'only (2): begins', 'only (2): ends']);
});

test('an empty matrix fails its job', async () => {
  const scene = await push(job('only', key("strategy: { matrix: { n: '${{ fromJSON(''[]'') }}' } }"), passes));
  expect(scene.run().conclusion).toBe('failure');
  expect(scene.said).toEqual([]);
});

// https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idtimeout-minutes
test('a job that runs too long is cancelled; a step that does has failed', async () => {
  const long = await push(
    job('only', key('timeout-minutes: 5'), steps('- { name: wait, run: wait }', say('on', ', if: always()'))),
    {
      delay: minutes,
    },
  );
  expect(long.results()).toEqual({ only: 'cancelled' });
  expect(long.said).toEqual(['only: begins', 'only: on']);
  const step = await push(job('only', steps('- { name: wait, run: wait, timeout-minutes: 5 }')), { delay: minutes });
  expect(step.results()).toEqual({ only: 'failure' });
});

test('when a runner is lost, its job has failed and nothing of it goes on', async () => {
  const scene = stage({
    files: onPush(
      [
        job('only', steps('- { name: wait, run: wait }', say('on', ', if: always()'))),
        job('after', key('needs: only'), key('if: always()'), steps(say('${{ needs.only.result }}'))),
      ].join(''),
    ),
    delay: minutes,
  });
  scene.repository.push('main');
  await scene.platform.until(() => scene.said.length > 0);
  scene.platform.crash(scene.job('only'));
  await scene.platform.settle();
  expect(scene.said).toEqual(['only: begins', 'after: failure']);
});

test('what is not modelled is loud', async () => {
  await expect(push(job('only', steps('- run: no handler knows this')))).rejects.toThrow(/no handler/);
  await expect(push(job('only', steps('- uses: someone/action@v1')))).rejects.toThrow(/no handler/);
  await expect(push(job('only', key('container: node'), passes))).rejects.toThrow(/does not model container/);
  await expect(push(job('only', key('environment: production'), passes))).rejects.toThrow(/with a deployment/);
  await expect(push(job('only', steps(say("${{ hashFiles('**') }}"))))).rejects.toThrow(/hashFiles/);
});

test('what GitHub would refuse does not start', async () => {
  const refused = async (jobs: string) => {
    const { run } = await push(jobs);
    expect(run().conclusion).toBe('startup_failure');
    return run().refusal;
  };
  expect(await refused(job('first', passes) + job('only', key('needs: other'), passes))).toMatch(/unknown job 'other'/);
  expect(await refused(job('only', key('if: secrets.KEY'), passes))).toMatch(/secrets/);
  expect(await refused('  only:\n    runs-on: x\n    nonsense: y\n')).toMatch(/nonsense/);
});
