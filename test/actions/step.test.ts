import { expect, test } from '@jest/globals';
import type { Leaf, LeafResult } from '../../actions/leaf.ts';
import type { Runner } from '../../actions/runner.ts';
import { runStep, wholeSummary } from '../../actions/step.ts';
import { type Diagnostic, UserError } from '../../pipeline/mod.ts';

const runner = { run: { workflow: '.github/workflows/preview.yml' }, env: {} } as unknown as Runner;

function leafThat(run: () => Promise<LeafResult>): Leaf {
  return { description: 'Does.', inputs: { directory: { description: 'Which.', default: '.' } }, outputs: {}, run };
}

const diagnostic: Diagnostic = { code: 'FL1104', severity: 'error', message: 'it is taken', help: 'Rename it.' };

test('what came out is told, and the step is green', async () => {
  const end = await runStep(
    leafThat(async () => ({ outputs: { url: 'http://x' }, summary: 'Done' })),
    {},
    runner,
  );
  expect(end).toEqual({ failed: false, outputs: { url: 'http://x' }, summary: 'Done', lines: [] });
});

test('why nothing was done is one notice, and the step is green', async () => {
  const end = await runStep(
    leafThat(async () => ({ outputs: {}, notice: '100 % held\n::error::x' })),
    {},
    runner,
  );
  expect(end.failed).toBe(false);
  expect(end.lines).toEqual(['::notice title=Fairlead::100 %25 held%0A::error::x']);
});

test('wrong inputs are shown at the workflow file, and nothing is run', async () => {
  const leaf = leafThat(() => Promise.reject(new Error('it ran')));
  const { failed, lines } = await runStep(leaf, { direktory: 'x' }, runner);
  expect(failed).toBe(true);
  expect(lines.filter((line) => line.startsWith('::'))).toEqual([
    expect.stringMatching(
      /^::error file=\.github\/workflows\/preview\.yml,line=1,.*title=FL6021::there is no input `direktory`%0A/,
    ),
  ]);
});

test('what is wrong with the sources is shown on its line, in the directory of the application', async () => {
  const position = { file: 'orders/topic.ts', line: 3, column: 28 };
  const failing = leafThat(() => Promise.reject(new UserError({ ...diagnostic, position })));
  const { lines, summary } = await runStep(failing, { directory: 'apps/shop' }, runner);
  expect(lines).toContain('error FL1104: it is taken (apps/shop/orders/topic.ts:3:28)');
  expect(lines.at(-1)).toMatch(/^::error file=apps\/shop\/orders\/topic\.ts,line=3,endLine=3,col=28,title=FL1104::/);
  expect(summary).toContain('`apps/shop/orders/topic.ts:3:28`');
});

test('of each kind the first ten are annotated, and the summary has all', async () => {
  const many = Array.from({ length: 25 }, (_, index) => ({ ...diagnostic, message: `number ${index}` }));
  const { lines, summary } = await runStep(
    leafThat(() => Promise.reject(new UserError(many))),
    {},
    runner,
  );
  expect(lines.filter((line) => line.startsWith('::error'))).toHaveLength(10);
  expect(lines.filter((line) => line.startsWith('::notice'))).toHaveLength(1);
  expect(summary.match(/number \d+/g)).toHaveLength(25);
});

test.each(['\n::set-output name=x::y', '##[add-path]/evil', '\r\n ::add-mask::x', '::stop-commands::t\n'])(
  'nothing that others wrote becomes a command: %j',
  async (text) => {
    const wrong = { ...diagnostic, message: `it is${text}`, help: `Mend${text}` };
    for (const error of [new UserError(wrong), new Error(text)]) {
      const { lines } = await runStep(
        leafThat(() => Promise.reject(error)),
        {},
        runner,
      );
      const commands = lines
        .join('\n')
        .split(/\r\n|\r|\n/)
        .filter((line) => /^\s*::|##\[/.test(line));
      expect(commands.every((line) => line.startsWith('::error title=F'))).toBe(true);
    }
  },
);

test('a bug is one error, whose stack is in the log', async () => {
  const { failed, lines } = await runStep(
    leafThat(() => Promise.reject(new TypeError('oops'))),
    {},
    runner,
  );
  expect(failed).toBe(true);
  expect(lines[0]).toBe('TypeError: oops');
  expect(lines.filter((line) => line.startsWith('::'))).toEqual([expect.stringContaining('a bug in Fairlead')]);
});

test.each([
  ['esbuild', 'ERR_MODULE_NOT_FOUND', "Cannot find package 'esbuild' imported from /x"],
  ['aws-cdk-lib', 'MODULE_NOT_FOUND', "Cannot find module 'aws-cdk-lib'\nRequire stack:\n- /x"],
])('the package %s that was not installed leads to the set-up', async (name, code, message) => {
  const missing = Object.assign(new Error(message), { code });
  const { lines } = await runStep(
    leafThat(() => Promise.reject(missing)),
    {},
    runner,
  );
  expect(lines[0]).toBe(`error FL6035: ${name} is not installed`);
});

test('what fails a step that came to its end is told besides', async () => {
  const end = await runStep(
    leafThat(async () => ({ outputs: { kind: 'removed' }, summary: 'Table', failures: [diagnostic] })),
    {},
    runner,
  );
  expect(end).toMatchObject({ failed: true, outputs: { kind: 'removed' } });
  expect(end.summary).toMatch(/^Table\n\n- ✖ \[FL1104\]/);
  expect(end.lines.at(-1)).toMatch(/^::error title=FL1104::/);
});

test('a summary stays within what GitHub takes', () => {
  const end = { failed: false, outputs: {}, lines: [], summary: 'é\n'.repeat(500_000) };
  const text = wholeSummary(end, [{ title: 'Apply', depth: 0, milliseconds: 1200, failed: false }]);
  expect(Buffer.byteLength(text)).toBeLessThan(1024 * 1024);
  expect(text).toContain('This is cut off');
  expect(text).toMatch(/Apply.*1\.2 s/);
});
