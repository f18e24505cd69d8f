import { expect, test } from '@jest/globals';
import { changesOnly } from '../../cli/changes-only.ts';

function recorded() {
  const warnings: string[] = [];
  const step = <T>(_: string, work: () => Promise<T>) => work();
  return { warnings, changes: changesOnly({ step, info: () => {}, warn: (text) => warnings.push(text) }) };
}

test('a warning is told once, and again when it comes back after a round without it', () => {
  const { warnings, changes } = recorded();
  const round = (...texts: string[]) => {
    for (const text of texts) changes.report.warn(text);
    changes.roundEnded();
    return warnings.splice(0);
  };
  expect(round('a', 'a', 'b')).toEqual(['a', 'b']);
  expect(round('a', 'b')).toEqual([]);
  expect(round('b', 'c')).toEqual(['c']);
  expect(round('a', 'b')).toEqual(['a']);
});

test('a round that breaks off forgets no warning', () => {
  const { warnings, changes } = recorded();
  changes.report.warn('a');
  changes.roundEnded();
  changes.report.warn('b');
  changes.report.warn('a');
  changes.roundEnded();
  expect(warnings).toEqual(['a', 'b']);
});

test('a text is new when it differs from the one before', () => {
  const { changes } = recorded();
  expect(['a', 'a', 'b', 'a'].map((text) => changes.isNew(text))).toEqual([true, false, true, true]);
});
