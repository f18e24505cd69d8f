import { describe, expect, test } from '@jest/globals';
import { find, root, versions, withFiles, zizmor } from './support/linters.ts';
import { actions, changed, file, templates, workflows } from './support/yaml-files.ts';

const program = find('zizmor');
const judge = `zizmor ${versions.zizmor}`;
const here = program ? describe : describe.skip;
/** By name: it looks for workflows in .github/workflows only. */
const files = [...workflows, ...templates, ...actions, file('.github/dependabot.yml')].map(({ path }) => path);

here(`${judge} looks at everything pedantically`, () => {
  test('and finds nothing that is not explained', () => {
    expect(zizmor(program!, files, root)).toEqual({ status: 0, findings: [] });
  });

  test.each([
    [
      'an event of a fork with rights',
      'workflows/cleanup.yml',
      ' # zizmor: ignore[dangerous-triggers] see above',
      '',
      'dangerous-triggers',
    ],
    ['a tag in place of a commit', '.github/workflows/preview.yml', /@[0-9a-f]{40} # (v\S+)/, '@$1', 'unpinned-uses'],
    [
      'credentials that stay on disk',
      '.github/workflows/preview.yml',
      '          persist-credentials: false\n',
      '',
      'artipacked',
    ],
    [
      'an expression in a script',
      '.github/workflows/production.yml',
      '-c "$COMMAND"',
      `-c "\${{ inputs.role }}"`,
      'template-injection',
    ],
    [
      'a permission without a reason',
      '.github/workflows/rollback.yml',
      /id-token: write #.*/,
      'id-token: write',
      'undocumented-permissions',
    ],
    [
      'rights for all jobs',
      '.github/workflows/rollback.yml',
      'permissions: {}',
      'permissions: write-all',
      'excessive-permissions',
    ],
    [
      'a reference by name to this repository',
      '.github/workflows/preview.yml',
      '$/actions/setup',
      './actions/setup',
      'self-repository',
    ],
  ])('and would find %s', (_, path, from, to, audit) => {
    withFiles([changed(file(path), from, to)], (directory) => {
      const { status, findings } = zizmor(program!, [path], directory);
      expect(findings).toContain(audit);
      expect(status).not.toBe(0);
    });
  });
});

(process.env.CI ? test : test.skip)(`${judge} is there`, () => {
  expect(program).toBeDefined();
});
