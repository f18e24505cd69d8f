import { infra } from './infra/config.ts';
import { application } from './internal/application.ts';

/** Facts about the running application. */
export interface AppMeta {
  appId: string;
  /** Where it is reached from outside; empty when nobody has said. */
  apiBaseUrl: string;
  environment: EnvironmentMeta;
  build: BuildMeta;
  deploy: DeployMeta;
}

/** Where it runs. */
export interface EnvironmentMeta {
  name: string;
  /** `ephemeral` is a preview. */
  type: 'production' | 'development' | 'ephemeral' | 'test';
  cloud: 'aws' | 'gcp' | 'azure' | 'encore' | 'local';
}

/** What it was built from. */
export interface BuildMeta {
  /** The release; empty when nobody has said. */
  revision: string;
  /** Always false: releases are told apart by their content. */
  uncommittedChanges: boolean;
}

/** What is deployed. */
export interface DeployMeta {
  /** The running release; empty when nobody has said. */
  id: string;
  /** The services of this process. */
  hostedServices: Record<string, { name: string }>;
}

let cached: AppMeta | undefined;

/** Facts about the running application and its environment; the same object on every call. */
export function appMeta(): AppMeta {
  cached ??= describe();
  return cached;
}

function describe(): AppMeta {
  const { metadata = {}, fairlead } = infra();
  const app = application();
  return {
    appId: metadata.app_id ?? app?.manifest.application ?? '',
    apiBaseUrl: metadata.base_url ?? '',
    environment: {
      name: metadata.env_name ?? 'local',
      type: metadata.env_type ?? 'development',
      cloud: metadata.cloud ?? 'local',
    },
    build: { revision: fairlead?.release ?? '', uncommittedChanges: false },
    deploy: {
      id: fairlead?.release ?? '',
      hostedServices: Object.fromEntries((app?.hosted ?? []).map((name) => [name, { name }])),
    },
  };
}
