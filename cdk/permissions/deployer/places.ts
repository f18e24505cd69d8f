import { UserError } from '../../../pipeline/user-error.ts';
import { type EnvironmentClass, tagNames } from '../../model.ts';
import { foundationStackName, type PhysicalKind, physicalName, refuseNameOfPreviews, stackName } from '../../names.ts';
import type { Conditions, Value } from '../statement.ts';
import type { DeployedApplication, DeployerInput } from './input.ts';

/** Where the things of a deployer are, as ARNs with wildcards: by name where AWS has names in ARNs, else by tag. */
export interface Places {
  /** Things of environments. `before` is what an ARN has before the name, such as `role/`. */
  named(service: string, kind: PhysicalKind, before?: string, after?: string): Value[];
  /** Things that environments stand on. */
  under(service: string, kind: PhysicalKind, before?: string, after?: string): Value[];
  /** Things that environments stand on, or copies of them, to which CloudFormation gives names: they begin with the stack's. */
  generated(service: string, before: string): Value[];
  /** Any ARN of a service, for what is told by its tags alone. */
  any(service: string, ...resources: string[]): Value[];
  stacks(): Value[];
  /** The application's name and each environment, for names that are written by hand. */
  pairs(): { application: string; environment: string }[];
  foundations(): string[];
  /** That what is made is tagged as ours, or that what is touched is. */
  tagged(whose: 'environment' | 'foundation', when: 'made' | 'there'): Conditions;
}

/** Those of IAM and of CloudFront have no region in their ARNs, and buckets not even an account. */
const regionless = new Set(['iam', 'cloudfront', 'route53']);

/** @throws UserError FL7301 for an application whose name leaves no room to tell previews from what lives on, FL7009 for one that begins like previews of another */
export function placesOf({
  partition,
  account,
  scope,
  applications,
  environments = ['production'],
}: Pick<DeployerInput, 'partition' | 'account' | 'scope' | 'environments'> & {
  applications: readonly Pick<DeployedApplication, 'name' | 'foundation'>[];
}): Places {
  for (const { name } of applications) refuseNameOfPreviews(name);
  const patterns = scope === 'previews' ? ['pr-*'] : environments;
  const pairs = applications.flatMap(({ name }) => patterns.map((environment) => ({ application: name, environment })));
  const foundations = [...new Set(applications.map(({ foundation }) => foundation))].sort();
  const classes: EnvironmentClass[] = scope === 'previews' ? ['preview'] : ['development', 'production'];
  const arn = (service: string, resource: string) =>
    service === 's3'
      ? `arn:${partition}:s3:::${resource}`
      : `arn:${partition}:${service}:${regionless.has(service) ? '' : '*'}:${account}:${resource}`;
  return {
    named: (service, kind, before = '', after = '') =>
      pairs.map(({ application, environment }) =>
        arn(service, `${before}${beginning(kind, application, environment)}*${after}`),
      ),
    under: (service, kind, before = '', after = '') =>
      foundations.flatMap((foundation) =>
        classes.map((type) => arn(service, `${before}${beginningUnder(kind, foundation, type)}*${after}`)),
      ),
    generated: (service, before) =>
      foundations.flatMap((foundation) =>
        classes.map((type) => arn(service, `${before}${foundationStackName(foundation, type)}-*`)),
      ),
    any: (service, ...resources) => resources.map((resource) => arn(service, resource)),
    stacks: () => [
      ...pairs.map(({ application, environment }) =>
        arn('cloudformation', `stack/${stackBeginning(application, environment)}*/*`),
      ),
      ...foundations.flatMap((foundation) =>
        classes.map((type) => arn('cloudformation', `stack/${foundationStackName(foundation, type)}/*`)),
      ),
    ],
    pairs: () => pairs,
    foundations: () => foundations,
    tagged: (whose, when) => {
      const key = `${when === 'made' ? 'aws:RequestTag' : 'aws:ResourceTag'}/`;
      return {
        StringEquals: {
          [`${key}${tagNames.type}`]: classes,
          ...(whose === 'environment'
            ? { [`${key}${tagNames.application}`]: applications.map(({ name }) => name) }
            : { [`${key}${tagNames.foundation}`]: foundations }),
        },
      };
    },
  };
}

/** Kinds of which a Foundation has one: their names are known whole, however much of them is cut. */
const single: ReadonlySet<PhysicalKind> = new Set(['cluster', 'loadBalancer', 'cacheServer', 'cacheUserGroup']);

function beginningUnder(kind: PhysicalKind, foundation: string, type: EnvironmentClass): string {
  return single.has(kind) ? physicalName(kind, foundation, type) : `${beginning(kind, foundation, type)}-`;
}

/** How all names of a kind begin: `shop-pr-` of previews, `shop-production` of production. */
function beginning(kind: PhysicalKind, owner: string, environment: string): string {
  const example = environment.replace('*', '1');
  const name = physicalName(kind, owner, example)
    .replace(/(\.fifo)?$/, '')
    .replace(/[-_/][0-9a-f]{8}$/, '');
  if (!name.endsWith(example))
    throw new UserError({
      code: 'FL7301',
      severity: 'error',
      message: `the name ${owner} is too long to tell ${environment} from its other environments in what AWS calls a ${kind}`,
      help: 'Give the application a shorter name, with `name` in fairlead.json, and what it stands on, with `aws.foundation`.',
    });
  return environment.endsWith('*') ? name.slice(0, -1) : name;
}

function stackBeginning(application: string, environment: string): string {
  const example = environment.replace('*', '1');
  const name = stackName({ application, name: example }).replace(/-[0-9a-f]{8}$/, '');
  return environment.endsWith('*') ? name.slice(0, -1) : name;
}
