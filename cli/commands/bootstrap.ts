import { applyStack } from '../../github/bootstrap/aws/apply.ts';
import { roleId, templateText, trustTemplate } from '../../github/bootstrap/aws/template.ts';
import { applyTrust, gcloud } from '../../github/bootstrap/gcp/apply.ts';
import { type GcpTrust, trustCommands, variablesOf } from '../../github/bootstrap/gcp/commands.ts';
import { trustScript } from '../../github/bootstrap/gcp/script.ts';
import { identify } from '../../github/bootstrap/identity.ts';
import { type RepositoryIdentity, trustsOf } from '../../github/bootstrap/trust.ts';
import { readGit } from '../../github/git.ts';
import { roleVariable } from '../../github/init/workflows.ts';
import { setupError } from '../../github/setup-error.ts';
import type { Context, Result } from '../context.ts';
import { chooseApplications, openGitHub, readTree } from '../github.ts';

interface CommonOptions {
  repository?: string;
  repositoryId?: number;
  ownerId?: number;
  branch?: string;
  forks?: boolean;
  kitCommit?: string;
  apply?: boolean;
}

export interface AwsOptions extends CommonOptions {
  app?: string[];
  registryPrefix?: string;
  existingProvider?: boolean;
  region?: string;
  stackName?: string;
}

export interface GcpOptions extends CommonOptions {
  project: string;
  location: string;
  registry: string;
}

/** Prints the template of the trust, or brings a stack to it. */
export async function aws(context: Context, options: AwsOptions): Promise<Result> {
  const { root } = await readTree(context.directory);
  const applications = await chooseApplications({ root, directory: context.directory }, options.app);
  const repository = await identity(context, options);
  const prefix = options.registryPrefix === undefined ? '' : `${options.registryPrefix}/`;
  const forks = options.forks ?? false;
  const { deployersFor } = await import('../deployers.ts');
  const inAws = await deployersFor(context, root, applications);
  const kept = applications.map(({ name }) => `${prefix}${name}`);
  const template = trustTemplate({
    repository,
    images: [...new Set([...kept, ...(inAws?.images ?? [])])].sort(),
    forks,
    ...(inAws && { deployers: inAws.deployers }),
    ...(options.kitCommit !== undefined && { commit: options.kitCommit }),
  });
  if (!options.apply) {
    context.report.info(
      'This is an AWS CloudFormation template. Make a stack of it, or let --apply do it. Nothing was changed. ' +
        followed(repository),
    );
    return { document: { kind: 'printed', repository, template }, text: templateText(template) };
  }
  const name = options.stackName ?? stackName(repository);
  const region = regionOf(options);
  const { createHttpHandler } = await import('../../images/registries/ecr/http-handler.ts');
  const applied = await applyStack(
    { name, template, existingProvider: options.existingProvider ?? false, upload: (text) => upload(text, region) },
    { region, requestHandler: createHttpHandler(process.env) },
    context.report,
  );
  const roles = trustsOf(repository, { forks }).map(({ environment }) => ({
    environment,
    role: applied.outputs[`${roleId({ environment })}Arn`] ?? '',
  }));
  return {
    document: { kind: applied.kind, stack: name, region, repository, roles },
    text: [
      `The stack ${name} in ${region} ${said[applied.kind]}. ${followed(repository)}`,
      ...variables(roles.map(({ environment, role }) => [roleVariable(environment), role])),
    ].join('\n'),
  };
}

/** Prints the commands of the trust as a script, or runs them. */
export async function gcp(context: Context, options: GcpOptions): Promise<Result> {
  const { project, location, registry } = options;
  const repository = await identity(context, options);
  const trust = trustCommands({
    repository,
    project,
    location,
    registry,
    forks: options.forks ?? false,
    ...(options.kitCommit !== undefined && { commit: options.kitCommit }),
  });
  if (!options.apply) {
    context.report.info(
      `This is a shell script. Run it, or let --apply do the same. Nothing was changed. ${followed(repository)}`,
    );
    const slug = `${repository.owner}/${repository.name}`;
    const { steps } = trust;
    return { document: { kind: 'printed', repository, steps }, text: trustScript(trust, { project, slug }).trimEnd() };
  }
  const { steps: _, ...applied } = await applyTrust(trust, project, gcloud, context.report);
  return {
    document: { kind: 'applied', repository, ...applied },
    text: `${followed(repository)}\n${describe(project, applied)}`,
  };
}

function describe(project: string, trust: Omit<GcpTrust, 'steps'>): string {
  return [
    `The project ${project} trusts the repository. Images go to ${trust.registry}.`,
    ...variables(variablesOf(trust)),
  ].join('\n');
}

function followed({ defaultBranch }: RepositoryIdentity): string {
  return `Production is trusted on the branch ${defaultBranch}.`;
}

/** How the workflows are told. */
function variables(values: [name: string, value: string][]): string[] {
  return ['Tell the workflows:', ...values.map(([name, value]) => `  gh variable set ${name} --body ${value}`)];
}

const said = { created: 'was made', updated: 'was brought up to date', unchanged: 'is current; nothing changed' };

async function identity({ directory, report }: Context, options: CommonOptions): Promise<RepositoryIdentity> {
  const git = await readGit(directory);
  const { repository, repositoryId, ownerId, branch } = options;
  const isKnown = repositoryId !== undefined && ownerId !== undefined;
  return identify(
    { repository, repositoryId, ownerId, branch, git },
    isKnown ? undefined : await openGitHub(process.env, report),
  );
}

/** By way of the bucket that templates of environments go through, too. */
async function upload(text: string, region: string) {
  const [{ openClients }, { readAccount }, { bodyOf }] = await Promise.all([
    import('../../cdk/clients.ts'),
    import('../../cdk/account.ts'),
    import('../../cdk/stacks/body.ts'),
  ]);
  const clients = openClients(process.env, region);
  try {
    return await bodyOf(text, { clients, account: await readAccount(clients) });
  } finally {
    await clients.close();
  }
}

/** The names of stacks have letters, digits and dashes. */
function stackName({ owner, name }: RepositoryIdentity): string {
  return `fairlead-github-${owner}-${name}`.replaceAll(/[^A-Za-z0-9-]+/g, '-').slice(0, 128);
}

function regionOf({ region }: AwsOptions): string {
  const found = region || process.env.AWS_REGION || process.env.AWS_DEFAULT_REGION;
  if (found) return found;
  throw setupError('FL6305', 'it is not said in which region the stack is made', 'Add --region, or set AWS_REGION.');
}
