import { expect, test } from '@jest/globals';
import { type InputSpecs, type RawInputs, readInputs } from '../../actions/inputs.ts';
import { UserError } from '../../pipeline/mod.ts';

const specs = {
  target: { description: 'Where.', required: true, options: ['aws', 'local'] },
  directory: { description: 'Which.', default: '.' },
  drafts: { description: 'Whether.', type: 'boolean', default: 'false' },
  number: { description: 'How many.', type: 'number' },
  // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of GitHub's
  token: { description: 'Who.', required: true, default: '${{ github.token }}' },
} as const satisfies InputSpecs;

const good = { target: 'local', token: 't' };

test('what is not said has its default, and what has none is absent', () => {
  expect(readInputs(specs, good)).toEqual({ target: 'local', directory: '.', drafts: false, token: 't' });
});

test('names are compared without regard to case, as the runner passes them', () => {
  expect(readInputs(specs, { TARGET: 'aws', DRAFTS: 'True', Number: ' 12 ', TOKEN: 't' })).toMatchObject({
    target: 'aws',
    drafts: true,
    number: 12,
  });
});

test('an empty input counts as missing', () => {
  expect(problems({ ...good, target: '' })).toEqual([['FL6020', 'the input `target` is missing']]);
});

test('a default that is an expression is the runner’s to evaluate, and none here', () => {
  expect(problems({ target: 'local' })).toEqual([['FL6020', 'the input `token` is missing']]);
});

test.each([
  [{ ...good, drafts: 'yes' }, 'FL6022', 'the input `drafts` is "yes"'],
  [{ ...good, number: '0' }, 'FL6022', 'the input `number` is "0"'],
  [{ ...good, number: '1e3' }, 'FL6022', 'the input `number` is "1e3"'],
  [{ ...good, target: 'azure' }, 'FL6022', 'the input `target` is "azure"'],
  [{ ...good, tarjet: 'aws' }, 'FL6021', 'there is no input `tarjet`'],
])('%j is refused', (raw, code, message) => {
  expect(problems(raw)).toEqual([[code, message]]);
});

test('everything that is wrong is said at once', () => {
  expect(problems({ drafts: 'on', foo: '1' }).map(([code]) => code)).toEqual(['FL6021', 'FL6020', 'FL6022', 'FL6020']);
});

function problems(raw: RawInputs): [string, string][] {
  try {
    readInputs(specs, raw);
    return [];
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return error.diagnostics.map(({ code, message }) => [code, message]);
  }
}
