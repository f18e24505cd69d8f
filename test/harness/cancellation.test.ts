import { expect, test } from '@jest/globals';
import { minutes, stage, workflows } from './stage.ts';

const say = (text: string, condition?: string) =>
  `      - { name: say, run: say, env: { SAY: "${text}" }${condition ? `, if: ${condition}` : ''} }\n`;
const job = (id: string, rest: string, steps: string) => `  ${id}:\n    runs-on: x\n${rest}    steps:\n${steps}`;
const wait = (condition?: string) => `      - { name: wait, run: wait${condition ? `, if: ${condition}` : ''} }\n`;

async function cancelled(jobs: string, handlers = {}) {
  const scene = stage({ files: workflows({ ci: `on: push\njobs:\n${jobs}` }), delay: minutes, handlers });
  scene.repository.push('main');
  await scene.platform.until(() => scene.said.length > 0);
  scene.platform.cancel(scene.run());
  await scene.platform.settle();
  return scene;
}

// https://docs.github.com/actions/reference/workflows-and-actions/workflow-cancellation
test('the running step stops, and of the rest only what says so goes on', async () => {
  const { said, results, run } = await cancelled(
    [
      job(
        'only',
        '',
        wait() +
          say('plain') +
          say('failed', 'failure()') +
          say('cancelled', 'cancelled()') +
          say('always', 'always()'),
      ),
      job('after', '    needs: only\n', say('after')),
      job('report', '    needs: only\n    if: always()\n', say('${{ needs.only.result }}')),
      job('unless', '    needs: only\n    if: "!cancelled()"\n', say('unless')),
    ].join(''),
  );
  expect(said).toEqual(['only: begins', 'only: cancelled', 'only: always', 'report: cancelled']);
  expect(results()).toEqual({ only: 'cancelled', report: 'success' });
  expect(run().conclusion).toBe('cancelled');
});

test('a step whose condition holds nevertheless ends as it would', async () => {
  const { said } = await cancelled(job('only', '', wait('always()').replace('} }', '}')));
  expect(said).toEqual(['only: begins']);
});

test('after five minutes everything is ended by force', async () => {
  const { said, clock, run } = await cancelled(job('only', '', wait('always()') + say('on', 'always()')));
  expect(said).toEqual(['only: begins']);
  expect(clock.time - run().created).toBeLessThan(7 * 60_000);
});

test('a step that listens has ten seconds to end', async () => {
  const heard: string[] = [];
  const listens = (seconds: number) => ({
    'run: listen': async ({
      interruption,
      point,
      job,
    }: {
      interruption: AbortSignal;
      point(label: string): Promise<void>;
      job: { path: string };
    }) => {
      heard.push(`${job.path} begins`);
      while (!interruption.aborted) await point('second');
      for (let second = 0; second < seconds; second++) await point('second');
      heard.push('said where it stands');
      return {};
    },
  });
  const run = async (seconds: number) => {
    heard.length = 0;
    const scene = stage({
      files: workflows({ ci: `on: push\njobs:\n${job('only', '', '      - { name: listen, run: listen }\n')}` }),
      handlers: listens(seconds),
    });
    scene.repository.push('main');
    await scene.platform.until(() => heard.length > 0);
    scene.platform.cancel(scene.run());
    await scene.platform.settle();
    expect(scene.results()).toEqual({ only: 'cancelled' });
    return heard.length;
  };
  expect(await run(5)).toBe(2);
  expect(await run(20)).toBe(1);
});

test('what waits for its group or for a reviewer is cancelled there', async () => {
  const concurrency = '    concurrency: { group: g, queue: max }\n';
  const scene = stage({
    files: workflows({ ci: `on: push\njobs:\n${job('only', concurrency, wait())}` }),
    delay: minutes,
  });
  scene.repository.push('main');
  await scene.platform.until(() => scene.said.length > 0);
  scene.repository.push('main');
  scene.repository.push('main');
  await scene.platform.settle(scene.clock.time + 60_000);
  scene.platform.cancel(scene.platform.runs[1]!);
  await scene.platform.settle();
  expect(scene.platform.runs.map(({ conclusion }) => conclusion)).toEqual(['success', 'cancelled', 'success']);
});

// https://docs.github.com/actions/how-tos/manage-workflow-runs/re-run-workflows-and-jobs
test('a run again has the same event and commit, and a new attempt; not after thirty days', async () => {
  const text =
    '${{ github.sha == github.event.after }} ${{ github.run_attempt }} ${{ github.actor }} ${{ github.triggering_actor }}';
  const scene = stage({ files: workflows({ ci: `on: push\njobs:\n${job('only', '', say(text))}` }) });
  scene.repository.push('main');
  await scene.platform.settle();
  scene.repository.push('main');
  await scene.platform.settle();
  const [first] = scene.platform.runs;
  scene.platform.rerun(first!, { actor: 'bob' });
  await scene.platform.settle();
  expect(scene.said).toEqual(['only: true 1 ada ada', 'only: true 1 ada ada', 'only: true 2 ada bob']);
  expect(scene.repository.runs.get(first!.id)).toMatchObject({ attempt: 2, conclusion: 'success' });
  await scene.platform.settle(scene.clock.time + 31 * 86_400_000);
  expect(() => scene.platform.rerun(first!)).toThrow(/30 days/);
});

test('again what failed and what needs it, with the outputs of the rest', async () => {
  let broken = true;
  const scene = stage({
    files: workflows({
      ci: `on: push\njobs:\n${job(
        'good',
        '    outputs: { value: "${{ steps.it.outputs.value }}" }\n',
        '      - { id: it, name: output, run: output, env: { VALUE: "${{ github.run_attempt }}" } }\n',
      )}${job('bad', '', '      - { name: sometimes, run: sometimes }\n')}${job(
        'both',
        '    needs: [good, bad]\n',
        say('${{ needs.good.outputs.value }}'),
      )}`,
    }),
    handlers: {
      'run: sometimes': async () => {
        if (broken) throw new Error('not yet');
        return {};
      },
    },
  });
  scene.repository.push('main');
  await scene.platform.settle();
  expect(scene.results()).toEqual({ good: 'success', bad: 'failure' });
  broken = false;
  scene.platform.rerun(scene.run(), { failed: true });
  await scene.platform.settle();
  expect(scene.results()).toEqual({ bad: 'success', both: 'success' });
  expect(scene.said).toEqual(['both: 1']);
});
