import { workflowsFor } from '../init/workflows.ts';
import { type KitWorkflow, kit } from '../kit.ts';
import { type Call, filesCalling, inputsOf, readCalls, templateCall } from './calls.ts';
import { type Finding, failed, ok, skipped, warning } from './check.ts';

export interface WorkflowFacts {
  /** The files in `.github/workflows`, by path in the repository. */
  files: Readonly<Record<string, string>>;
  /** The same on the default branch of the remote, as far as git was told; undefined when it was not. */
  onDefaultBranch: Readonly<Record<string, string>> | undefined;
  /** The branches that git knows, here and of the remote; undefined or empty when it knows none. */
  branches?: readonly string[];
  /** Files in `.github/workflows` that are not as they were committed. */
  uncommitted?: readonly string[];
  /** The directories of the applications. */
  applications: readonly { directory: string; target: string }[];
}

/** The calls of the kit's workflows in a repository. */
export function callsIn(files: WorkflowFacts['files']): Call[] {
  return Object.entries(files).flatMap(([file, text]) => readCalls(file, text).calls);
}

/** Whether the workflows are there, and call those of the kit as these want to be called. */
export function checkWorkflows(facts: WorkflowFacts): Finding[] {
  const broken = Object.entries(facts.files).flatMap(([file, text]) => {
    const { error } = readCalls(file, text);
    return error === undefined ? [] : [failed('workflows.syntax', `${file} is not YAML: ${error}`, 'Mend the file.')];
  });
  const calls = callsIn(facts.files);
  const needed = workflowsFor({ forks: calls.some(({ workflow }) => workflow === 'fork-preview') });
  return [
    ...broken,
    ...needed.flatMap((workflow) =>
      checkWorkflow(
        workflow,
        calls.filter((call) => call.workflow === workflow),
        facts,
      ),
    ),
    ...checkCommitted(calls, facts),
    ...onDefaultBranch(calls, facts),
  ];
}

function checkWorkflow(workflow: KitWorkflow, calls: readonly Call[], facts: WorkflowFacts): Finding[] {
  const id = `workflows.${workflow}`;
  if (calls.length === 0) {
    // What a broken file would call is told with the file.
    if (filesCalling(workflow, facts.files).length > 0) return [];
    return [failed(id, `no workflow calls ${workflow}.yml of the kit`, 'Write it: fairlead init.')];
  }
  const wrong = calls.flatMap((call) => [
    ...checkRef(call),
    ...checkInputs(call),
    ...checkPermissions(call),
    ...checkEvents(call),
    ...checkApplication(call, facts),
    ...checkBranches(call, facts),
  ]);
  const missing = workflow === 'cleanup' ? [] : withoutCall(calls, facts);
  const findings = [...wrong, ...missing, ...calledTwice(calls)];
  return findings.length > 0 ? findings : [ok(id, `${places(calls)} calls ${workflow}.yml of this version of the kit`)];
}

function checkRef({ file, ref, workflow }: Call): Finding[] {
  const id = `workflows.${workflow}.ref`;
  if (ref === kit.ref || ref.startsWith(`${kit.ref}.`)) return [];
  if (/^[0-9a-f]{40}$/.test(ref)) return [];
  return [
    warning(
      id,
      `${file} calls the kit at ${JSON.stringify(ref)}, and this is ${kit.ref}`,
      `Write @${kit.ref}, or use the fairlead of that version.`,
    ),
  ];
}

function checkInputs({ file, job, workflow, with: given }: Call): Finding[] {
  const inputs = inputsOf(workflow);
  const id = `workflows.${workflow}.inputs`;
  const unknown = Object.keys(given).filter((name) => !(name in inputs));
  const missing = Object.entries(inputs).flatMap(([name, required]) => (required && !(name in given) ? [name] : []));
  return [
    ...unknown.map((name) =>
      failed(
        id,
        `${file} passes ${name} to ${workflow}.yml, which has no such input`,
        `Take it out of jobs.${job}.with; there are ${Object.keys(inputs).join(', ')}.`,
      ),
    ),
    ...missing.map((name) =>
      failed(id, `${file} does not pass ${name} to ${workflow}.yml`, `Add it to jobs.${job}.with.`),
    ),
  ];
}

const levels = ['none', 'read', 'write'];

function checkPermissions({ file, job, workflow, permissions }: Call): Finding[] {
  return Object.entries(templateCall(workflow).permissions).flatMap(([name, level]) => {
    const given = permissions[name] ?? permissions['*'] ?? 'none';
    if (levels.indexOf(given) >= levels.indexOf(level)) return [];
    return [
      failed(
        `workflows.${workflow}.permissions`,
        `jobs.${job} of ${file} does not grant ${name}: ${level}`,
        `Add ${name}: ${level} to its permissions.`,
      ),
    ];
  });
}

/** An event that is not there wakes nobody; neither does a type that is left out. */
function checkEvents({ file, workflow, events }: Call): Finding[] {
  const id = `workflows.${workflow}.events`;
  return Object.entries(templateCall(workflow).events).flatMap(([event, types]) => {
    const given = events[event];
    if (!given)
      return [
        warning(id, `${file} does not run on ${event}`, `Add ${event} to \`on\`, as workflows/${workflow}.yml has it.`),
      ];
    const missing = types.filter((type) => !given.includes(type));
    if (missing.length === 0) return [];
    return [
      warning(id, `${file} does not run when a ${event} is ${missing.join(', ')}`, `Add it to \`on.${event}.types\`.`),
    ];
  });
}

/** Nothing is ever pushed to a branch that is not there. */
function checkBranches({ file, workflow, branches: followed }: Call, { branches = [] }: WorkflowFacts): Finding[] {
  if (workflow !== 'production' || branches.length === 0) return [];
  return followed
    .filter((branch) => !branches.includes(branch))
    .map((branch) =>
      failed(
        'workflows.production.branch',
        `${file} follows the branch ${branch}, which is neither here nor on the remote`,
        'Write the default branch under `on.push.branches`, or fetch it when it is new.',
      ),
    );
}

function checkApplication({ file, workflow, with: given }: Call, { applications }: WorkflowFacts): Finding[] {
  if (workflow === 'cleanup') return [];
  const directory = normalized(given.directory);
  const application = applications.find((one) => one.directory === directory);
  if (!application) {
    return [
      failed(
        `workflows.${workflow}.directory`,
        `${file} is for ${directory}, where no application is`,
        applications.length > 0
          ? `Write one of ${applications.map((one) => one.directory).join(', ')} under \`directory\`.`
          : 'Write the directory of the application under `directory`.',
      ),
    ];
  }
  const { target } = given;
  if (typeof target !== 'string' || target.includes('${{') || target === application.target) return [];
  return [
    warning(
      `workflows.${workflow}.target`,
      `${file} is for the target ${target}, and fairlead.json of ${directory} for ${application.target}`,
      'Write the same target in both.',
    ),
  ];
}

function withoutCall(calls: readonly Call[], { applications }: WorkflowFacts): Finding[] {
  const [{ workflow }] = calls as [Call];
  return applications
    .filter(({ directory }) => calls.every((call) => normalized(call.with.directory) !== directory))
    .map(({ directory }) =>
      warning(
        `workflows.${workflow}.directory`,
        `no job calls ${workflow}.yml for the application in ${directory}`,
        'Write it: fairlead init --force.',
      ),
    );
}

/** Two calls for one application are two runs for each event. Cleanup is for all applications of a target. */
function calledTwice(calls: readonly Call[]): Finding[] {
  const subjects = Map.groupBy(calls, ({ workflow, with: { directory, target } }) =>
    workflow === 'cleanup' ? `the target ${target}` : `the application in ${normalized(directory)}`,
  );
  return [...subjects].flatMap(([subject, same]) => {
    const [{ workflow }] = same as [Call, ...Call[]];
    if (same.length === 1) return [];
    return [
      failed(
        `workflows.${workflow}.twice`,
        `${same.map(({ file, job }) => `jobs.${job} of ${file}`).join(' and ')} call ${workflow}.yml for ${subject}, so that everything runs twice`,
        'Remove all but one.',
      ),
    ];
  });
}

function normalized(directory: unknown): string {
  const text = typeof directory === 'string' ? directory : '.';
  return text.replace(/^\.\//, '').replace(/\/+$/, '') || '.';
}

function checkCommitted(calls: readonly Call[], { uncommitted = [] }: WorkflowFacts): Finding[] {
  const files = [...new Set(calls.map(({ file }) => file))].filter((file) => uncommitted.includes(file));
  if (files.length === 0) return [];
  return [
    warning(
      'workflows.committed',
      `${files.join(', ')} ${files.length === 1 ? 'is' : 'are'} not committed as ${files.length === 1 ? 'it is' : 'they are'} here`,
      'Commit them on a branch, and open a pull request with them.',
    ),
  ];
}

/** Of these events GitHub runs the file of the default branch, whatever the other branches have. */
function onDefaultBranch(calls: readonly Call[], { files, onDefaultBranch: remote }: WorkflowFacts): Finding[] {
  const id = 'workflows.default-branch';
  if (calls.length === 0) return [];
  if (!remote)
    return [skipped(id, 'git does not know the default branch of the remote: git remote set-head origin --auto')];
  const needed = new Set(calls.map(({ file }) => file));
  const absent = [...needed].filter((file) => remote[file] === undefined);
  const differing = [...needed].filter(
    (file) => remote[file] !== undefined && plain(remote[file]) !== plain(files[file]),
  );
  if (absent.length > 0)
    return [
      warning(
        id,
        `${absent.join(', ')} ${absent.length === 1 ? 'is' : 'are'} not on the default branch`,
        'Open a pull request with them: it has the first preview, and once merged, closing, schedules and buttons work.',
      ),
    ];
  if (differing.length > 0)
    return [
      warning(
        id,
        `${differing.join(', ')} ${differing.length === 1 ? 'is another one' : 'are other ones'} on the default branch`,
        'Push, or fetch, when that is not meant.',
      ),
    ];
  return [ok(id, 'the workflows are on the default branch')];
}

/** Without what checking out may change. */
function plain(text: string | undefined): string {
  return (text ?? '').replaceAll('\r\n', '\n').trimEnd();
}

function places(calls: readonly Call[]): string {
  return [...new Set(calls.map(({ file }) => file))].join(', ');
}
