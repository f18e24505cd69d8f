import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { imageStatements } from '../../../github/bootstrap/aws/permissions.ts';
import { templateText, trustTemplate } from '../../../github/bootstrap/aws/template.ts';
import { directoryWith } from '../../cli/fairlead.ts';
import { pythonWith } from '../../support/python.ts';
import { shop } from './support/claims.ts';

const input = { repository: shop, images: ['shop', 'team/blog'], forks: true };
const template = trustTemplate(input);

test('the same input gives the same template, which can be sent inline', () => {
  const text = templateText(template);
  expect(templateText(trustTemplate(structuredClone(input)))).toBe(text);
  expect(Buffer.byteLength(text)).toBeLessThan(51_200);
  expect(Object.entries(template.Resources).map(([id, { Type }]) => [id, Type])).toEqual([
    ['Provider', 'AWS::IAM::OIDCProvider'],
    ['Boundary', 'AWS::IAM::ManagedPolicy'],
    ['PreviewRole', 'AWS::IAM::Role'],
    ['PreviewForkRole', 'AWS::IAM::Role'],
    ['ProductionRole', 'AWS::IAM::Role'],
  ]);
});

test('no role is without the boundary', () => {
  const roles = Object.values(template.Resources).filter(({ Type }) => Type === 'AWS::IAM::Role');
  expect(roles.map(({ Properties }) => (Properties as Record<string, unknown>).PermissionsBoundary)).toEqual(
    roles.map(() => ({ Ref: 'Boundary' })),
  );
});

describe('what roles may do', () => {
  const actions = (lasting: boolean) => imageStatements(['shop'], { lasting }).flatMap(({ Action }) => Action);

  test('is what the page on registries says', () => {
    const page = readFileSync(resolve(import.meta.dirname, '../../../docs/registries.md'), 'utf8');
    const [, json] = /^### Permissions\n+```json\n([\s\S]*?)^```/m.exec(page) ?? [];
    const documented = (JSON.parse(json ?? '') as { Statement: { Action: string | string[] }[] }).Statement;
    expect(actions(true).sort()).toEqual(documented.flatMap(({ Action }) => Action).sort());
  });

  test('is in previews everything but the rules by which images of production expire', () => {
    expect(actions(true).filter((action) => !actions(false).includes(action))).toEqual(['ecr:PutLifecyclePolicy']);
  });

  test('is about the repositories of the applications alone', () => {
    const [signIn, images] = imageStatements(input.images, { lasting: false });
    expect([signIn?.Resource, signIn?.Action]).toEqual(['*', 'ecr:GetAuthorizationToken']);
    expect(JSON.stringify(images?.Resource)).toContain('"Name":"team/blog"');
    expect(images?.Resource).toHaveLength(2);
  });
});

test.each([
  ['an application that Amazon ECR cannot have', { images: ['Shop'] }, 'FL6307'],
  ['an application that is a wildcard', { images: ['*'] }, 'FL6307'],
  ['an owner that is a wildcard', { repository: { ...shop, owner: '*' } }, 'FL6306'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: that is how IAM writes it.
  ['a branch that is a policy variable', { repository: { ...shop, defaultBranch: '${aws:username}' } }, 'FL6306'],
])('%s is refused', (_, change, code) => {
  expect(() => trustTemplate({ ...input, ...change })).toThrow(code);
});

interface Finding {
  Message: string;
  Rule: { Id: string };
}

const program = 'from cfnlint.runner import main; main()';
const cfnLint = pythonWith('cfn-lint', '1.51.0');

(cfnLint ? test : test.skip)('cfn-lint finds nothing (needs cfn-lint)', () => {
  const broken = structuredClone(template);
  (broken.Resources.PreviewRole!.Properties as Record<string, unknown>).MaxSessionDuration = 60;
  const place = directoryWith({ 'right.json': templateText(template), 'wrong.json': templateText(broken) });
  try {
    // Its list of actions has none for the interface of referrers.
    const isUnknownToIt = ({ Message }: Finding) => Message.startsWith("'listimagereferrers' is not one of");
    const lint = (file: string) => {
      const run = spawnSync(cfnLint!, ['-c', program, '--format', 'json', join(place.path, file)], {
        encoding: 'utf8',
      });
      return (JSON.parse(run.stdout) as Finding[]).filter((finding) => !isUnknownToIt(finding));
    };
    expect(lint('right.json')).toEqual([]);
    expect(lint('wrong.json')).toMatchObject([{ Rule: { Id: 'E3034' } }]);
  } finally {
    place.remove();
  }
});
