import { roleVariable } from '../../init/workflows.ts';
import { setupError } from '../../setup-error.ts';
import { type RepositoryIdentity, requirePlainNames, type Trust, trustsOf } from '../trust.ts';
import { type Deployers, filledIn, policiesOf, policyResources } from './deployers.ts';
import { imageStatements } from './permissions.ts';
import { trustPolicy } from './trust-policy.ts';

export interface TemplateInput {
  repository: RepositoryIdentity;
  /** The repositories of images, one per application, such as `shop` or `team/shop`. Not empty. */
  images: readonly string[];
  /** Whether pull requests of forks may have previews, which run in an environment of their own. */
  forks: boolean;
  /** Of the kit, where the workflows call it by a commit. */
  commit?: string;
  /** What the roles may do besides keeping images. @default nothing */
  deployers?: Deployers;
}

/** An AWS CloudFormation template as plain data. The same input gives the same template to the byte. */
export interface Template {
  AWSTemplateFormatVersion: '2010-09-09';
  Description: string;
  Parameters: Record<string, unknown>;
  Conditions: Record<string, unknown>;
  Resources: Record<string, { Type: string; [key: string]: unknown }>;
  Outputs: Record<string, { Description: string; Value: unknown }>;
}

/**
 * The trust of an account in a repository: GitHub's identity provider, a role for previews and one for production, and the boundary
 * that neither role can be given more than.
 * @throws UserError FL6306 for names that have no place in a policy, FL6307 for an application that Amazon ECR cannot have
 */
export function trustTemplate({ repository, images, forks, commit, deployers }: TemplateInput): Template {
  requirePlainNames(repository);
  for (const image of images) requireEcrName(image);
  const slug = `${repository.owner}/${repository.name}`;
  const trusts = trustsOf(repository, { forks });
  const tags = [{ Key: 'fairlead:repository', Value: slug }];
  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: `Fairlead: what jobs of ${slug} on GitHub may do in this account`,
    Parameters: {
      CreateProvider: {
        Type: 'String',
        AllowedValues: ['true', 'false'],
        Default: 'true',
        Description: 'false where the account has the identity provider of GitHub already; there can be one only',
      },
    },
    Conditions: { Provider: { 'Fn::Equals': [{ Ref: 'CreateProvider' }, 'true'] } },
    Resources: {
      Provider: {
        Type: 'AWS::IAM::OIDCProvider',
        Condition: 'Provider',
        // Other repositories may rely on it, too.
        DeletionPolicy: 'Retain',
        UpdateReplacePolicy: 'Retain',
        Properties: {
          Url: 'https://token.actions.githubusercontent.com',
          ClientIdList: ['sts.amazonaws.com'],
        },
      },
      Boundary: {
        Type: 'AWS::IAM::ManagedPolicy',
        Properties: {
          Description: `The most that roles of ${slug} can ever be allowed`,
          PolicyDocument: {
            Version: '2012-10-17',
            Statement: [
              ...imageStatements(images, { lasting: true }),
              ...((filledIn(deployers?.ceiling.Statement) as object[] | undefined) ?? []),
            ],
          },
        },
      },
      ...(deployers && policyResources(deployers, slug)),
      ...Object.fromEntries(
        trusts.map((trust) => [
          roleId(trust),
          {
            Type: 'AWS::IAM::Role',
            Properties: {
              Description: `Jobs of ${slug} in the environment ${trust.environment}`,
              AssumeRolePolicyDocument: trustPolicy(repository, trust, commit),
              PermissionsBoundary: { Ref: 'Boundary' },
              MaxSessionDuration: 3600,
              ...(deployers && { ManagedPolicyArns: policiesOf(deployers, trust) }),
              Policies: [
                {
                  PolicyName: 'images',
                  PolicyDocument: { Version: '2012-10-17', Statement: imageStatements(images, trust) },
                },
              ],
              Tags: [...tags, { Key: 'fairlead:environment', Value: trust.environment }],
            },
          },
        ]),
      ),
    },
    Outputs: Object.fromEntries(
      trusts.map((trust) => [
        `${roleId(trust)}Arn`,
        {
          Description: `The role of the environment ${trust.environment}, for the variable ${roleVariable(trust.environment)} on GitHub`,
          Value: { 'Fn::GetAtt': [roleId(trust), 'Arn'] },
        },
      ]),
    ),
  };
}

/** `preview-fork` → `PreviewForkRole` */
export function roleId({ environment }: Pick<Trust, 'environment'>): string {
  const words = environment.split('-').map((word) => `${word[0]?.toUpperCase()}${word.slice(1)}`);
  return `${words.join('')}Role`;
}

/** As it is printed. */
export function templateText(template: Template): string {
  return JSON.stringify(template, null, 2);
}

/** As it is sent: CloudFormation takes 51,200 bytes. */
export function sentText(template: Template): string {
  return JSON.stringify(template);
}

function requireEcrName(name: string): void {
  if (/^(?=.{2,256}$)(?:[a-z0-9]+(?:[._-][a-z0-9]+)*\/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$/.test(name)) return;
  throw setupError(
    'FL6307',
    `Amazon ECR can have no repository ${JSON.stringify(name)}`,
    'Give the application a name of small letters, digits and dashes, with `name` in fairlead.json.',
  );
}
