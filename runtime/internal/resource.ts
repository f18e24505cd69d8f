import { crypto } from '../node.ts';
import type { InfraConfig } from '../wire.ts';

/** Tells processes of the same image apart, in metrics and traces alike. */
const instance = crypto.randomUUID();

/** What metrics and traces say of this process, by the names that OpenTelemetry has for it. */
export function resourceOf({ metadata, fairlead }: InfraConfig): Record<string, string> {
  const known: Record<string, string | undefined> = {
    'service.name': metadata?.app_id,
    'service.version': fairlead?.release,
    'deployment.environment.name': metadata?.env_name,
    'service.instance.id': instance,
  };
  return Object.fromEntries(Object.entries(known).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
