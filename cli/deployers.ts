import { join } from 'node:path';
import { repositoryName } from '../cdk/images/repository.ts';
import {
  boundaryName,
  boundaryPolicy,
  type DeployedApplication,
  deployerCeiling,
  deployerPolicies,
  needsOf,
} from '../cdk/permissions/mod.ts';
import type { Deployers } from '../github/bootstrap/aws/deployers.ts';
import type { FoundApplication } from '../github/init/applications.ts';
import { type Config, parseConfig } from '../pipeline/config.ts';
import { analyzeApplication, readText } from './application.ts';
import type { Context } from './context.ts';

/** What CloudFormation puts in for the place in AWS that the stack is made in. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation fills it in.
const place = { partition: '${AWS::Partition}', account: '${AWS::AccountId}' } as const;

/** Types of environments, which `environments` of fairlead.json may name as well as environments. */
const types = ['local', 'preview', 'development', 'production'];

/** What it takes to deploy those of the applications whose target is AWS, and where their images are kept there. */
export interface AwsDeployers {
  deployers: Deployers;
  images: string[];
}

/**
 * From fairlead.json and the Graph of each application. Undefined when none is for AWS: then its jobs keep images at most.
 * @throws UserError with everything that is wrong with an application that is
 */
export async function deployersFor(
  context: Context,
  root: string,
  found: readonly FoundApplication[],
): Promise<AwsDeployers | undefined> {
  const all = found.map((one) => {
    const directory = join(root, one.directory);
    return { ...one, directory, config: parseConfig(readText(directory, 'fairlead.json') ?? '{}', 'fairlead.json') };
  });
  const ours = all.filter(({ config }) => config.target === 'aws');
  if (ours.length === 0) return undefined;
  const applications: DeployedApplication[] = [];
  for (const { name, directory, config } of ours) {
    const graph = await analyzeApplication({ ...context, directory });
    const settings = { domain: config.aws.domain !== undefined, sleep: sleeps(config) };
    const { foundation = name, domain, hostedZone } = config.aws;
    applications.push({
      ...{ name, foundation, needs: needsOf(graph, settings) },
      ...(domain !== undefined && { domain: { name: domain, ...(hostedZone !== undefined && { hostedZone }) } }),
    });
  }
  const environments = ['production', ...new Set(ours.flatMap(({ config }) => named(config)))];
  return {
    deployers: deployersOf(applications, environments),
    images: applications.map(({ name }) => repositoryName(name)),
  };
}

/** Pure. */
export function deployersOf(applications: readonly DeployedApplication[], environments: readonly string[]): Deployers {
  const foundations = [...new Set(applications.map(({ foundation }) => foundation))].sort();
  const on = (foundation: string) =>
    applications.filter((one) => one.foundation === foundation).map(({ name }) => name);
  const boundaries = (scope: 'previews' | 'lasting') =>
    foundations.map((foundation) => ({
      name: boundaryName(foundation, scope),
      document: boundaryPolicy({
        ...place,
        scope,
        foundation,
        applications: on(foundation),
        environments,
        repositories: on(foundation).map(repositoryName),
      }),
    }));
  const arns = (those: { name: string }[]) =>
    those.map(({ name }) => `arn:${place.partition}:iam::${place.account}:policy/${name}`);
  const [previews, lasting] = [boundaries('previews'), boundaries('lasting')];
  const all = [...previews, ...lasting];
  const input = { ...place, applications, environments: [...new Set(environments)] };
  return {
    boundaries: all,
    previews: deployerPolicies({ ...input, scope: 'previews', boundaries: arns(previews) }),
    lasting: deployerPolicies({ ...input, scope: 'lasting', boundaries: arns(lasting) }),
    ceiling: deployerCeiling({ ...place, boundaries: arns(all) }),
  };
}

/** Environments that are called by a name of their own. */
function named({ environments }: Config): string[] {
  return Object.keys(environments).filter((key) => !types.includes(key) && !/^pr-\d+$/.test(key));
}

function sleeps({ environments }: Config): boolean {
  return Object.values(environments).some(({ aws }) => aws?.sleep !== undefined);
}
