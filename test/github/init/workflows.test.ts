import { describe, expect, test } from '@jest/globals';
import { checkWorkflows } from '../../../github/doctor/workflows.ts';
import { readTemplate } from '../../../github/init/template.ts';
import { type RepositoryFacts, workflowFile, workflowFiles } from '../../../github/init/workflows.ts';
import { workflowErrors } from '../../workflows/support/github-parser.ts';

const shop = { directory: '.', name: 'shop' };
const facts: RepositoryFacts = { applications: [shop], target: 'local', branch: 'main', forks: true };
const shapes: [string, RepositoryFacts][] = (['local', 'aws', 'gcp'] as const).flatMap((target) => [
  [`one application, ${target}`, { ...facts, target }],
  [
    `three applications, ${target}`,
    {
      ...facts,
      target,
      region: 'eu-west-1',
      branch: 'release/1+2',
      applications: [
        { directory: 'apps/shop', name: 'shop' },
        { directory: 'apps/it: "s', name: 'Blog & co' },
        { directory: 'other/blog', name: 'blog-co' },
      ],
    },
  ],
]);

const reference = (input: string, name: string) => `      ${input}: \${{ vars.FAIRLEAD_${name} }}`;

/** The lines that are not in the other text. */
const added = (text: string, other: string) => text.split('\n').filter((line) => !other.split('\n').includes(line));

test('of a single application in the root, on this machine, each file is the template', () => {
  const files = workflowFiles(facts);
  expect(Object.keys(files)).toEqual(
    (['preview', 'production', 'rollback', 'cleanup', 'fork-preview'] as const).map(workflowFile),
  );
  for (const workflow of ['preview', 'production', 'rollback', 'cleanup', 'fork-preview'] as const)
    expect(files[workflowFile(workflow)]).toBe(readTemplate(workflow));
});

test('without forks there is no workflow for them', () => {
  expect(Object.keys(workflowFiles({ ...facts, forks: false }))).toHaveLength(4);
});

test.each(shapes)('%s: GitHub’s own parser takes the files', async (_, given) => {
  for (const [path, text] of Object.entries(workflowFiles(given)))
    expect([path, await workflowErrors({ path, text })]).toEqual([path, []]);
});

test.each(shapes)('%s: they call the kit as it wants to be called', (_, given) => {
  const applications = given.applications.map(({ directory }) => ({ directory, target: given.target }));
  const findings = checkWorkflows({ files: workflowFiles(given), onDefaultBranch: undefined, applications });
  expect(findings.filter(({ state }) => state === 'failed' || state === 'warning')).toEqual([]);
});

describe('what differs from the template', () => {
  const changes = (given: RepositoryFacts, workflow: 'preview' | 'production' | 'rollback' | 'cleanup') => {
    const [text, template] = [workflowFiles(given)[workflowFile(workflow)]!, readTemplate(workflow)];
    return { added: added(text, template), removed: added(template, text) };
  };

  test('is the directory and the branch', () => {
    const given = { ...facts, branch: 'trunk', applications: [{ directory: 'apps/shop', name: 'shop' }] };
    expect(changes(given, 'preview')).toEqual({
      added: ['      directory: apps/shop'],
      removed: ['      directory: .'],
    });
    expect(changes(given, 'production').added).toEqual(['    branches: [trunk]', '      directory: apps/shop']);
    expect(changes(given, 'cleanup')).toEqual({ added: [], removed: [] });
  });

  test('is for AWS the region and a role, in place of the machine', () => {
    const given = { ...facts, target: 'aws', region: 'eu-west-1' } as const;
    const lines = (name: string) => ['      target: aws', '      region: eu-west-1', reference('role', `${name}_ROLE`)];
    expect(changes(given, 'preview')).toEqual({
      added: lines('PREVIEW'),
      removed: ['      target: local', '      deploy-runs-on: \'"self-hosted"\''],
    });
    expect(changes(given, 'cleanup').added).toEqual(lines('PREVIEW'));
    expect(changes(given, 'production').added).toEqual(lines('PRODUCTION'));
    expect(changes(given, 'rollback').added).toEqual(lines('PRODUCTION'));
  });

  test('is for Google Cloud a provider and an account', () => {
    expect(changes({ ...facts, target: 'gcp' }, 'production').added).toEqual([
      '      target: gcp',
      reference('region', 'REGION'),
      reference('workload-identity-provider', 'WORKLOAD_IDENTITY_PROVIDER'),
      reference('service-account', 'PRODUCTION_SERVICE_ACCOUNT'),
    ]);
  });

  test('is for several applications a job each, and a choice where a person starts it', () => {
    const applications = [
      { directory: 'apps/shop', name: 'shop' },
      { directory: 'apps/blog', name: 'blog' },
    ];
    expect(changes({ ...facts, applications }, 'preview').added).toEqual([
      '  preview-shop:',
      '    name: Preview of shop',
      '      directory: apps/shop',
      '  preview-blog:',
      '    name: Preview of blog',
      '      directory: apps/blog',
    ]);
    expect(changes({ ...facts, applications }, 'rollback').added).toEqual([
      '      application: { type: choice, options: [shop, blog], description: Which application. }',
      '  rollback-shop:',
      '    name: Rollback of shop',
      "    if: inputs.application == 'shop'",
      '      directory: apps/shop',
      '  rollback-blog:',
      '    name: Rollback of blog',
      "    if: inputs.application == 'blog'",
      '      directory: apps/blog',
    ]);
    expect(changes({ ...facts, applications }, 'cleanup')).toEqual({ added: [], removed: [] });
  });
});

// biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of GitHub's
test.each(['apps/${{ github.token }}', 'apps/a\non: push', 'apps/a\u2028b'])(
  'a directory called %j is refused',
  (directory) => {
    const applications = [{ directory, name: 'shop' }];
    expect(() => workflowFiles({ ...facts, applications })).toThrow('FL6312');
  },
);

test('a region is a value, too', () => {
  expect(() => workflowFiles({ ...facts, target: 'aws', region: 'eu-west-1\nx: y' })).toThrow('FL6312');
});
