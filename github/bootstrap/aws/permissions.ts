/** A statement of an IAM policy. */
export interface Statement {
  Sid: string;
  Effect: 'Allow';
  Action: string | string[];
  Resource: unknown;
}

/** Reading and writing images and releases. */
const push = [
  'ecr:BatchCheckLayerAvailability',
  'ecr:BatchGetImage',
  'ecr:CompleteLayerUpload',
  'ecr:GetDownloadUrlForLayer',
  'ecr:InitiateLayerUpload',
  'ecr:ListImageReferrers',
  'ecr:ListImages',
  'ecr:PutImage',
  'ecr:UploadLayerPart',
];

/** Making a repository that is missing, and looking at one that is there. */
const prepare = [
  'ecr:CreateRepository',
  'ecr:DescribeRepositories',
  'ecr:GetLifecyclePolicy',
  'ecr:ListTagsForResource',
  'ecr:TagResource',
];

/** By what rules images expire, which could be told to let those of production go. */
const expiry = ['ecr:PutLifecyclePolicy'];

/** What the kit does in AWS: it keeps images. `lasting` is for the role that looks after what lives on. */
export function imageStatements(repositories: readonly string[], { lasting }: { lasting: boolean }): Statement[] {
  return [
    // ECR has no narrower resource for it.
    { Sid: 'SignIn', Effect: 'Allow', Action: 'ecr:GetAuthorizationToken', Resource: '*' },
    {
      Sid: 'Images',
      Effect: 'Allow',
      Action: [...push, ...prepare, ...(lasting ? expiry : [])].sort(),
      Resource: repositories.map((name) => ({
        // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation fills it in.
        'Fn::Sub': ['arn:${AWS::Partition}:ecr:*:${AWS::AccountId}:repository/${Name}', { Name: name }],
      })),
    },
  ];
}
