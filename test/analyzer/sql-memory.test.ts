import { execFileSync } from 'node:child_process';
import { expect, test } from '@jest/globals';

const script = `
import { readFile } from 'node:fs/promises';
const { loadParser } = await import(${JSON.stringify(new URL('../../analyzer/sql/parser.ts', import.meta.url).href)});
const parser = await loadParser();
for (let index = 0; index < 1000; index++) parser.parse('SELECT * FROM orders WHERE id = ' + index);
// What the engine does in the background ends before the process does.
await new Promise((resolve) => setTimeout(resolve, 500));
// On Linux the other figure begins with what the process had that started this one.
const status = await readFile('/proc/self/status', 'utf8').catch(() => '');
console.log(Number(/VmHWM:\\s+(\\d+)/.exec(status)?.[1] ?? process.resourceUsage().maxRSS) / 1024);
`;

test('the engine does not optimise the parser, which takes half a gigabyte', () => {
  const output = execFileSync(
    process.execPath,
    ['--input-type=module', '--disable-warning=ExperimentalWarning', '-e', script],
    {
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '' },
    },
  );
  expect(Number(output)).toBeLessThan(300);
});
