import { describe, expect, test } from '@jest/globals';
import * as rules from './support/rules.ts';
import { actions, changed, file, reusables, templates, workflows, type YamlFile } from './support/yaml-files.ts';

interface Case {
  rule: rules.Rule;
  files: readonly YamlFile[];
  /** A text that breaks the rule, made from one that keeps it. */
  breach: [path: string, from: string | RegExp, to: string];
}

const preview = '.github/workflows/preview.yml';

const cases: Record<string, Case[]> = {
  'no script has an expression in it': [
    {
      rule: rules.noExpressionInScripts,
      files: [...workflows, ...templates, ...actions],
      breach: ['.github/workflows/production.yml', '"$COMMAND"', `"\${{ needs.deploy.outputs.smoke }}"`],
    },
  ],
  'actions of others are pinned by the commits that somebody looked at': [
    { rule: rules.pinned, files: [...workflows, ...templates, ...actions], breach: [preview, /@e6de05/, '@e6de06'] },
    { rule: rules.pinned, files: [], breach: [preview, '# v7.0.1', '# v7.0.2'] },
    { rule: rules.pinned, files: [], breach: [preview, /actions\/checkout@/, 'actions/check-out@'] },
    { rule: rules.pinned, files: [], breach: ['workflows/preview.yml', '.yml@v0', '.yml@main'] },
  ],
  'nothing is granted to all jobs': [
    {
      rule: rules.leastPermissions,
      files: [...workflows, ...templates],
      breach: [preview, 'permissions: {}', 'permissions: { contents: read }'],
    },
    {
      rule: rules.leastPermissions,
      files: [],
      breach: ['.github/workflows/rollback.yml', /^ {4}permissions:\n( {6}.*\n)+/m, ''],
    },
  ],
  'every job has a limit of time': [
    { rule: rules.timeLimits, files: [...workflows, ...templates], breach: [preview, '    timeout-minutes: 30\n', ''] },
  ],
  'there are no secrets': [
    {
      rule: rules.noSecrets,
      files: [...reusables, ...templates],
      breach: ['workflows/preview.yml', '    with:', '    secrets: inherit\n    with:'],
    },
    { rule: rules.noSecrets, files: [], breach: [preview, 'inputs.registry }}', 'secrets.REGISTRY }}'] },
  ],
  'deployments are recorded by us alone': [
    { rule: rules.ownDeployments, files: reusables, breach: [preview, '      deployment: false\n', ''] },
  ],
  'a job with credentials brings and runs nothing of an application': [
    { rule: rules.noForeignCode, files: reusables, breach: [preview, /cache: false #.*/, 'cache: true'] },
    {
      rule: rules.noForeignCode,
      files: [],
      breach: [preview, /aws-actions\/configure-aws-credentials@/, 'actions/checkout@'],
    },
    { rule: rules.noForeignCode, files: [], breach: [preview, 'uses: $/actions/deploy', 'uses: $/actions/build'] },
    { rule: rules.noForeignCode, files: [], breach: ['.github/workflows/cleanup.yml', 'exit 1', 'npm ci'] },
  ],
  'code of an application runs beside no rights': [
    { rule: rules.noRights, files: reusables, breach: [preview, 'pull-requests: read', 'pull-requests: write'] },
    { rule: rules.noRights, files: [], breach: [preview, 'pull-requests: read', 'id-token: write'] },
    {
      rule: rules.noRights,
      files: [],
      breach: [
        '.github/workflows/production.yml',
        '    timeout-minutes: 30\n',
        '    timeout-minutes: 30\n    environment: production\n',
      ],
    },
  ],
};

describe.each(Object.entries(cases))('%s', (_, parts) => {
  test.each(parts.flatMap(({ rule, files }) => files.map((one) => ({ rule, one, path: one.path }))))(
    'in $path',
    ({ rule, one }) => {
      expect(rule(one)).toEqual([]);
    },
  );

  test.each(parts)('and it would be seen, such as $breach.2', ({ rule, breach: [path, from, to] }) => {
    expect(rule(file(path))).toEqual([]);
    expect(rule(changed(file(path), from, to))).toHaveLength(1);
  });
});
