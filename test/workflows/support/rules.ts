import { workflowReference } from '../../../github/kit.ts';
import { type Job, jobsOf, type Step, stepsOf, workflowOf } from './documents.ts';
import { pins } from './pins.ts';
import type { YamlFile } from './yaml-files.ts';

/** What is wrong with a file, one sentence each. */
export type Rule = (file: YamlFile) => string[];

/** What a script gets from outside it gets by its environment: text in a script is code. */
export const noExpressionInScripts: Rule = (file) =>
  stepsOf(file)
    .filter(({ step }) => step.run?.includes('${{'))
    .map(({ where }) => `${where} has an expression in its script`);

export const pinned: Rule = ({ text }) =>
  [...text.matchAll(/^[\s-]*uses: *(\S+) *(?:# *(.*))?$/gm)].flatMap(([, uses, comment]) => {
    const [name, ref] = uses!.split('@');
    if (ref === undefined) return /^(\$|\.)\/actions\/[a-z/-]+$/.test(name!) ? [] : [`${uses} has no ref`];
    if (isOurs(uses!)) return [];
    const pin = pins[name!];
    if (!pin) return [`${name} is not known`];
    return pin.commit === ref && pin.tag === comment ? [] : [`${name} is ${pin.commit} # ${pin.tag}`];
  });

function isOurs(uses: string): boolean {
  const name = /\/([a-z-]+)\.yml@/.exec(uses)?.[1];
  return name !== undefined && uses === workflowReference(name as Parameters<typeof workflowReference>[0]);
}

/** Nothing is granted to all jobs, and every job says what it gets. */
export const leastPermissions: Rule = (file) => {
  const { permissions } = workflowOf(file);
  const none = permissions !== undefined && Object.keys(permissions).length === 0;
  const silent = jobsOf(file).filter(([, job]) => job.permissions === undefined);
  return [
    ...(none ? [] : ['does not begin with none']),
    ...silent.map(([name]) => `${name} does not say its permissions`),
  ];
};

/** A job that hangs costs six hours otherwise. */
export const timeLimits: Rule = (file) =>
  jobsOf(file)
    .filter(([, job]) => job.uses === undefined && !(Number(job['timeout-minutes']) <= 120))
    .map(([name]) => `${name} has no limit of at most two hours`);

/** Cloud credentials come by OIDC, everything else by the token of the job. */
export const noSecrets: Rule = (file) => [
  ...(/\bsecrets\s*[.[]/.test(withoutComments(file.text)) ? ['reads a secret'] : []),
  ...jobsOf(file).flatMap(([name, { secrets }]) => (secrets === undefined ? [] : [`${name} passes secrets on`])),
];

function withoutComments(text: string): string {
  return text.replaceAll(/(^|\s)#.*$/gm, '');
}

/** Settings and histories would fill with what GitHub records by itself; we record what runs where. */
export const ownDeployments: Rule = (file) =>
  jobsOf(file)
    .filter(([, { environment }]) => environment !== undefined && environment.deployment !== false)
    .map(([name]) => `${name} lets GitHub record a deployment`);

export function hasCredentials({ permissions = {}, environment }: Job): boolean {
  return environment !== undefined || permissions['id-token'] === 'write' || permissions.deployments === 'write';
}

/** What a job with credentials may use: nothing that brings or runs code of an application, or what others have saved. */
const trusted = [
  ...['setup', 'deploy', 'promote', 'rollback', 'resume', 'cleanup'].map((name) => `$/actions/${name}`),
  ...['find', 'fork'].map((name) => `$/actions/leaves/${name}`),
  'aws-actions/configure-aws-credentials',
  'google-github-actions/auth',
];

export const noForeignCode: Rule = (file) =>
  jobsOf(file)
    .filter(([, job]) => hasCredentials(job))
    .flatMap(([name, { steps = [] }]) => steps.map((step) => [name, foreignIn(step)] as const))
    .flatMap(([name, problem]) => (problem ? [`${name} ${problem}`] : []));

function foreignIn({ uses, run, with: inputs }: Step): string | undefined {
  if (run !== undefined) return /^echo "::error [^\n]*"\nexit 1\n$/.test(run) ? undefined : 'runs a script';
  const name = uses?.split('@')[0] ?? '';
  if (!trusted.includes(name)) return `uses ${name}`;
  if (name === '$/actions/setup' && inputs?.cache !== false) return 'restores a cache';
  return undefined;
}

/** Code of an application runs beside no right but to read. */
export const noRights: Rule = (file) =>
  jobsOf(file)
    .filter(([, { steps = [] }]) =>
      steps.some(({ uses }) => /^actions\/checkout@|^\$\/actions\/build$/.test(uses ?? '')),
    )
    .filter(([, { permissions = {}, environment }]) => {
      const rights = Object.entries(permissions).filter(([, right]) => right !== 'read');
      return environment !== undefined || rights.length > 0;
    })
    .map(([name]) => `${name} has rights beside code of an application`);
