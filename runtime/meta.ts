import { infra } from './infra/config.ts';
import { application } from './internal/application.ts';

export interface AppMeta {
  appId: string;
  apiBaseUrl: string;
  environment: EnvironmentMeta;
  build: BuildMeta;
  deploy: DeployMeta;
}

export interface EnvironmentMeta {
  name: string;
  type: 'production' | 'development' | 'ephemeral' | 'test';
  cloud: 'aws' | 'gcp' | 'azure' | 'encore' | 'local';
}

export interface BuildMeta {
  revision: string;
  uncommittedChanges: boolean;
}

export interface DeployMeta {
  /** The running release. */
  id: string;
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
