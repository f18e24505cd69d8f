import { createRequire } from 'node:module';
import { expect, test } from '@jest/globals';
import { default as formats } from 'ajv-formats';
import type { Log } from 'sarif';
import type { Diagnostic } from '../../analyzer/diagnostic.ts';
import { errorSections } from '../../github/error-pages.ts';
import { renderSarif } from '../../github/sarif.ts';

const require = createRequire(import.meta.url);
// Its default export is what `require` gives.
const { default: Ajv } = require('ajv-draft-04') as typeof import('ajv-draft-04');
// One of the patterns of the schema is none to a RegExp with the flag u.
const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
(formats as unknown as typeof formats.default)(ajv);
const validate = ajv.compile(require('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json'));

const position = { file: 'orders/new topic.ts', line: 3, column: 28, endLine: 3, endColumn: 37 };
const diagnostic: Diagnostic = {
  code: 'FL1104',
  severity: 'error',
  message: 'two topics are named `created`',
  help: 'Rename one of them.',
  position,
  related: [{ message: 'the first [one] is here', position: { file: 'a.ts', line: 1, column: 2 } }],
};
const source = ['import { Topic } from "x";', '', 'export const created = new Topic("created");', ''].join('\n');

function log(diagnostics: Diagnostic[], text: string | undefined = source, prefix = 'apps/shop'): Log {
  return renderSarif(diagnostics, {
    repository: { prefix, pathOf: (file) => (prefix ? `${prefix}/${file}` : file) },
    sourceOf: () => text,
    sections: errorSections(),
    errorPage: 'https://example.com/docs/errors.md',
    version: '1.2.3',
  });
}

const warning: Diagnostic = { ...diagnostic, code: 'FL1003', severity: 'warning' };
delete warning.position;
delete warning.related;

test.each([
  ['nothing', []],
  ['all there is', [diagnostic, warning]],
  ['a code that is not documented', [{ ...diagnostic, code: 'FL9999' as const }]],
])('a log of %s is valid SARIF 2.1.0', (_, diagnostics) => {
  validate(log(diagnostics));
  expect(validate.errors).toBeNull();
});

test('the schema is able to say no', () => {
  expect(validate({ version: '2.1.0', runs: [{ tool: {} }] })).toBe(false);
  const wrong = log([diagnostic]);
  wrong.runs[0]!.results![0]!.locations![0]!.physicalLocation!.region!.startLine = 0;
  expect(validate(wrong)).toBe(false);
});

test('a result has its place in the repository, related places and the lines it is known by', () => {
  const { results, tool } = log([diagnostic]).runs[0]!;
  const ruleIndex = tool.driver.rules!.findIndex(({ id }) => id === 'FL1104');
  expect(results).toEqual([
    {
      ruleId: 'FL1104',
      ruleIndex,
      level: 'error',
      message: {
        text: 'two topics are named `created`. Rename one of them. [the first \\[one\\] is here](1).',
      },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'apps/shop/orders/new%20topic.ts', uriBaseId: 'SRCROOT' },
            region: { startLine: 3, startColumn: 28, endLine: 3, endColumn: 37 },
          },
        },
      ],
      relatedLocations: [
        {
          id: 1,
          message: { text: 'the first \\[one\\] is here.' },
          physicalLocation: {
            artifactLocation: { uri: 'apps/shop/a.ts', uriBaseId: 'SRCROOT' },
            region: { startLine: 1, startColumn: 2, endLine: 1, endColumn: 3 },
          },
        },
      ],
      partialFingerprints: { primaryLocationLineHash: expect.stringMatching(/^[0-9a-f]+:1$/) },
    },
  ]);
});

test('a result is known again when its line has moved, and not when another line is there', () => {
  const fingerprint = (text: string | undefined, line: number) =>
    log([{ ...diagnostic, position: { ...position, line } }], text).runs[0]!.results![0]!.partialFingerprints;
  expect(fingerprint(`// A comment.\n\n${source}`, 5)).toEqual(fingerprint(source, 3));
  expect(fingerprint(source, 1)).not.toEqual(fingerprint(source, 3));
  // There is nothing to know it by in a file that cannot be read, or has become shorter.
  expect(fingerprint(source, 99)).toBeUndefined();
});

test('the rules are those of every analysis, with their documentation', () => {
  const rules = log([]).runs[0]!.tool.driver.rules!;
  expect(log([diagnostic]).runs[0]!.tool.driver.rules).toEqual(rules);
  expect(rules.find(({ id }) => id === 'FL1107')).toEqual({
    id: 'FL1107',
    name: 'UnknownField',
    shortDescription: { text: 'An unknown field.' },
    fullDescription: { text: expect.stringMatching(/\S/) },
    help: { text: expect.stringMatching(/\S/), markdown: expect.stringMatching(/\S/) },
    helpUri: 'https://example.com/docs/errors.md#fl1107--an-unknown-field',
    defaultConfiguration: { level: 'error' },
    properties: { precision: 'very-high' },
  });
  for (const { shortDescription, fullDescription } of rules) {
    expect(shortDescription!.text.length).toBeLessThanOrEqual(1024);
    expect(fullDescription!.text.length).toBeLessThanOrEqual(1024);
  }
});

test('what concerns the whole application is shown at its manifest', () => {
  const [result] = log([warning]).runs[0]!.results!;
  expect(result).toMatchObject({
    level: 'warning',
    locations: [
      { physicalLocation: { artifactLocation: { uri: 'apps/shop/package.json' }, region: { startLine: 1 } } },
    ],
  });
});

test('each application of a repository is an analysis of its own', () => {
  expect(log([]).runs[0]!.automationDetails).toEqual({ id: 'fairlead/apps/shop/' });
  expect(log([], source, '').runs[0]!.automationDetails).toEqual({ id: 'fairlead/' });
});
