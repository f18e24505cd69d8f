import { type RepositoryIdentity, subjects, type Trust, workflowRefs } from '../trust.ts';

const issuer = 'token.actions.githubusercontent.com';

/**
 * Who may assume a role: jobs of one repository, in one environment, of the kit's own workflows, for the default branch or, in
 * previews, for a pull request. Each condition is met exactly; the wildcards stand for the number of a pull request and of a release.
 */
export function trustPolicy(repository: RepositoryIdentity, trust: Trust, commit?: string) {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: {
          Federated: {
            // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation fills it in.
            'Fn::Sub': 'arn:${AWS::Partition}:iam::${AWS::AccountId}:oidc-provider/token.actions.githubusercontent.com',
          },
        },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: {
          StringEquals: {
            [`${issuer}:aud`]: 'sts.amazonaws.com',
            [`${issuer}:repository_id`]: String(repository.id),
            [`${issuer}:sub`]: subjects(repository, trust.environment),
          },
          StringLike: {
            [`${issuer}:job_workflow_ref`]: workflowRefs(trust, commit),
            [`${issuer}:ref`]: trust.refs,
          },
        },
      },
    ],
  };
}
