import type { CreateRepositoryCommandInput, ECRClient, ECRClientConfig, Repository } from '@aws-sdk/client-ecr';
import type { Credential } from '../../oci/repository/mod.ts';
import type { EcrHost } from '../address.ts';
import type { Perishable } from '../held.ts';
import { translated } from './errors.ts';
import { createHttpHandler } from './http-handler.ts';

type Sdk = typeof import('@aws-sdk/client-ecr');
type Env = Record<string, string | undefined>;

/** What Fairlead asks of Amazon ECR, where `name` is that of a repository. Methods throw UserError. */
export interface EcrApi {
  token(): Promise<Perishable<Credential>>;
  describe(name: string): Promise<Repository | undefined>;
  /** False when somebody else was faster. */
  create(name: string, application: string): Promise<boolean>;
  /** The application that the repository was made for, by its tag. */
  applicationOf(name: string, arn: string): Promise<string | undefined>;
  policy(name: string): Promise<string | undefined>;
  putPolicy(name: string, text: string): Promise<void>;
  close(): void;
}

/** The tag by which resources of an application are found. */
const applicationTag = 'fairlead:app';

/** The SDK is loaded with the first call. Credentials are where the AWS tools have them. */
export function createEcrApi(host: EcrHost, env: Env, now: () => number): EcrApi {
  const target = (repositoryName: string) => ({ registryId: host.account, repositoryName });
  let opened: Promise<{ sdk: Sdk; client: ECRClient }> | undefined;

  async function call<T>(
    action: string,
    name: string | undefined,
    work: (sdk: Sdk, client: ECRClient) => Promise<T>,
  ): Promise<T> {
    opened ??= import('@aws-sdk/client-ecr').then((sdk) => ({ sdk, client: new sdk.ECRClient(config(host, env)) }));
    const { sdk, client } = await opened;
    try {
      return await work(sdk, client);
    } catch (error) {
      throw translated(error, `ecr:${action}`, host, name);
    }
  }

  return {
    token: () =>
      call('GetAuthorizationToken', undefined, async (sdk, client) => {
        const { authorizationData } = await client.send(new sdk.GetAuthorizationTokenCommand({}));
        const { authorizationToken = '', expiresAt } = authorizationData?.[0] ?? {};
        const [username = '', password = ''] = Buffer.from(authorizationToken, 'base64').toString().split(/:(.*)/s);
        const expires = expiresAt?.getTime() ?? now() + 3_600_000;
        return { value: { username, password, expires }, expires };
      }),
    describe: (name) =>
      call('DescribeRepositories', name, async (sdk, client) => {
        const command = new sdk.DescribeRepositoriesCommand({
          registryId: host.account,
          repositoryNames: [name],
        });
        const found = await unless('RepositoryNotFoundException', client.send(command));
        return found?.repositories?.[0];
      }),
    create: (name, application) =>
      call('CreateRepository', name, async (sdk, client) => {
        const command = new sdk.CreateRepositoryCommand({ ...target(name), ...settings(application) });
        return (await unless('RepositoryAlreadyExistsException', client.send(command))) !== undefined;
      }),
    applicationOf: (name, resourceArn) =>
      call('ListTagsForResource', name, async (sdk, client) => {
        const { tags = [] } = await client.send(new sdk.ListTagsForResourceCommand({ resourceArn }));
        return tags.find(({ Key }) => Key === applicationTag)?.Value;
      }),
    policy: (name) =>
      call('GetLifecyclePolicy', name, async (sdk, client) => {
        const command = new sdk.GetLifecyclePolicyCommand(target(name));
        return (await unless('LifecyclePolicyNotFoundException', client.send(command)))?.lifecyclePolicyText;
      }),
    putPolicy: (name, lifecyclePolicyText) =>
      call('PutLifecyclePolicy', name, async (sdk, client) => {
        await client.send(new sdk.PutLifecyclePolicyCommand({ ...target(name), lifecyclePolicyText }));
      }),
    close() {
      opened?.then(
        ({ client }) => client.destroy(),
        () => undefined,
      );
    },
  };
}

/**
 * Tags are given once, but for those that clients without the referrers interface keep lists under (`sha256-…`), such
 * as cosign; ECR has that interface, and Fairlead uses it.
 */
function settings(application: string): Omit<CreateRepositoryCommandInput, 'repositoryName'> {
  return {
    imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
    imageTagMutabilityExclusionFilters: [{ filterType: 'WILDCARD', filter: 'sha256-*' }],
    imageScanningConfiguration: { scanOnPush: true },
    tags: [{ Key: applicationTag, Value: application }],
  };
}

function config({ region, fips, dualstack }: EcrHost, env: Env): ECRClientConfig {
  const endpoint = env.AWS_ENDPOINT_URL_ECR || env.AWS_ENDPOINT_URL;
  return {
    region,
    useFipsEndpoint: fips,
    useDualstackEndpoint: dualstack,
    ...(endpoint && { endpoint }),
    ...keysOf(env),
    requestHandler: createHttpHandler(env),
  };
}

/** Keys of the environment that was given; for what else there is, such as profiles and roles, the SDK knows where to look. */
function keysOf(env: Env): Pick<ECRClientConfig, 'credentials'> {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN } = env;
  if (!accessKeyId || !secretAccessKey || env.AWS_PROFILE) return {};
  return {
    credentials: { accessKeyId, secretAccessKey, ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }) },
  };
}

async function unless<T>(name: string, work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Error && error.name === name) return undefined;
    throw error;
  }
}
