import type { CloudFormation } from '@aws-sdk/client-cloudformation';
import type { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs';
import type { EC2 } from '@aws-sdk/client-ec2';
import type { ECR } from '@aws-sdk/client-ecr';
import type { ECS } from '@aws-sdk/client-ecs';
import type { ElasticLoadBalancingV2 } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { IAM } from '@aws-sdk/client-iam';
import type { RDS } from '@aws-sdk/client-rds';
import type { ResourceGroupsTaggingAPI } from '@aws-sdk/client-resource-groups-tagging-api';
import type { S3 } from '@aws-sdk/client-s3';
import type { SecretsManager } from '@aws-sdk/client-secrets-manager';
import type { ServiceQuotas } from '@aws-sdk/client-service-quotas';
import type { SQS } from '@aws-sdk/client-sqs';
import type { SSM } from '@aws-sdk/client-ssm';
import type { STS } from '@aws-sdk/client-sts';
import { createHttpHandler } from '../images/registries/ecr/http-handler.ts';

export type Env = Readonly<Record<string, string | undefined>>;

/** What all clients are made with. Credentials, region and endpoints are where the AWS tools have them. */
interface Settings {
  region?: string;
  endpoint?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  retryMode: 'adaptive';
  maxAttempts: number;
  requestHandler: ReturnType<typeof createHttpHandler>;
}

/** Every service of AWS that the target speaks with. Each is loaded and made when it is first asked for. */
interface Services {
  cloudFormation: CloudFormation;
  logs: CloudWatchLogs;
  ec2: EC2;
  ecr: ECR;
  ecs: ECS;
  iam: IAM;
  balancers: ElasticLoadBalancingV2;
  quotas: ServiceQuotas;
  rds: RDS;
  s3: S3;
  secrets: SecretsManager;
  sqs: SQS;
  ssm: SSM;
  sts: STS;
  tags: ResourceGroupsTaggingAPI;
}

const makers: { [Name in keyof Services]: (settings: Settings) => Promise<Services[Name]> } = {
  cloudFormation: async (settings) => new (await import('@aws-sdk/client-cloudformation')).CloudFormation(settings),
  logs: async (settings) => new (await import('@aws-sdk/client-cloudwatch-logs')).CloudWatchLogs(settings),
  ec2: async (settings) => new (await import('@aws-sdk/client-ec2')).EC2(settings),
  ecr: async (settings) => new (await import('@aws-sdk/client-ecr')).ECR(settings),
  ecs: async (settings) => new (await import('@aws-sdk/client-ecs')).ECS(settings),
  iam: async (settings) => new (await import('@aws-sdk/client-iam')).IAM(settings),
  balancers: async (settings) =>
    new (await import('@aws-sdk/client-elastic-load-balancing-v2')).ElasticLoadBalancingV2(settings),
  quotas: async (settings) => new (await import('@aws-sdk/client-service-quotas')).ServiceQuotas(settings),
  rds: async (settings) => new (await import('@aws-sdk/client-rds')).RDS(settings),
  // Where somebody set an endpoint, buckets need not have names in DNS.
  s3: async (settings) =>
    new (await import('@aws-sdk/client-s3')).S3({ ...settings, forcePathStyle: settings.endpoint !== undefined }),
  secrets: async (settings) => new (await import('@aws-sdk/client-secrets-manager')).SecretsManager(settings),
  sqs: async (settings) => new (await import('@aws-sdk/client-sqs')).SQS(settings),
  ssm: async (settings) => new (await import('@aws-sdk/client-ssm')).SSM(settings),
  sts: async (settings) => new (await import('@aws-sdk/client-sts')).STS(settings),
  tags: async (settings) =>
    new (await import('@aws-sdk/client-resource-groups-tagging-api')).ResourceGroupsTaggingAPI(settings),
};

/** `await clients.ecs()` is the client of Amazon ECS, the same each time. */
export type Clients = { [Name in keyof Services]: () => Promise<Services[Name]> } & {
  /** Ends the connections. */
  close(): Promise<void>;
};

/** @param region @default what `env` or the profile says */
export function openClients(env: Env, region?: string): Clients {
  const opened = new Map<string, Promise<{ destroy(): void }>>();
  const settings = settingsOf(env, region);
  const entries = Object.entries(makers).map(([name, make]) => {
    const open = () => {
      const client = opened.get(name) ?? make(settings);
      opened.set(name, client);
      return client;
    };
    return [name, open];
  });
  return {
    ...(Object.fromEntries(entries) as Omit<Clients, 'close'>),
    async close() {
      for (const client of opened.values()) (await client).destroy();
      settings.requestHandler.destroy?.();
    },
  };
}

function settingsOf(env: Env, region: string | undefined): Settings {
  const where = region ?? (env.AWS_REGION || env.AWS_DEFAULT_REGION);
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN } = env;
  const keys = accessKeyId && secretAccessKey && !env.AWS_PROFILE;
  return {
    ...(where && { region: where }),
    ...(env.AWS_ENDPOINT_URL && { endpoint: env.AWS_ENDPOINT_URL }),
    ...(keys && {
      credentials: { accessKeyId, secretAccessKey, ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }) },
    }),
    // Throttled, it slows down by itself; a deployment that gives up at once would have to be started again.
    retryMode: 'adaptive',
    maxAttempts: 10,
    requestHandler: createHttpHandler(env),
  };
}
