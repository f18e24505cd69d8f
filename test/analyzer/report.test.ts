import { describe, expect, test } from '@jest/globals';
import { Report } from '../../analyzer/report.ts';

const at = { file: 'a.ts', line: 1, column: 1 };

describe('a report', () => {
  test('keeps errors and warnings apart by their severity', () => {
    const report = new Report('/app');
    report.warning('FL1999', at, 'This is odd', 'Change it');
    report.error('FL1998', at, 'This is wrong', 'Mend it', [{ message: 'The other one', position: at }]);
    expect(report.diagnostics()).toEqual([
      {
        code: 'FL1998',
        severity: 'error',
        message: 'This is wrong',
        help: 'Mend it',
        position: at,
        related: [{ message: 'The other one', position: at }],
      },
      { code: 'FL1999', severity: 'warning', message: 'This is odd', help: 'Change it', position: at },
    ]);
  });

  test('keeps one of what is said twice', () => {
    const report = new Report('/app');
    report.warning('FL1999', at, 'This is odd', 'Change it');
    report.warning('FL1999', at, 'This is odd', 'Change it');
    expect(report.diagnostics()).toHaveLength(1);
  });

  test('is silent about files with errors, not about files with warnings', () => {
    const report = new Report('/app');
    report.warning('FL1999', { ...at, file: 'odd.ts' }, 'This is odd', 'Change it');
    report.error('FL1998', { ...at, file: 'broken.ts' }, 'This is wrong', 'Mend it');
    report.silenceBroken();
    report.error('FL1997', { ...at, file: 'odd.ts' }, 'Taken', 'Mend it');
    report.warning('FL1997', { ...at, file: 'broken.ts' }, 'Dropped', 'Mend it');
    report.error('FL1997', { ...at, file: 'broken.ts' }, 'Dropped', 'Mend it');
    expect(report.diagnostics().map(({ message }) => message)).toEqual(['This is wrong', 'Taken', 'This is odd']);
  });
});
