// `node failed-files.mjs <results>`: the test files that failed in a run of Jest, one on each line. Fails where that is no race between
// tests: when Jest did not get to its end, or many failed.
import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';

const most = 5;

const [path = ''] = process.argv.slice(2);
const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
const { testResults } = JSON.parse(text || '{"testResults":[]}');
const failed = testResults.filter(({ status }) => status === 'failed').map(({ name }) => relative('.', name));
if (failed.length === 0 || failed.length > most) process.exit(1);
console.log(failed.join('\n'));
