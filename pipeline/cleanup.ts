import { type Environment, previewEnvironment } from './environment.ts';
import type { Destroyed, Ports } from './ports.ts';
import {
  everyPullRequest,
  expiredPreview,
  type PreviewPolicy,
  type Unwanted,
  type Wanted,
  wantsPreview,
} from './preview-policy.ts';
import { type RemovePorts, remove } from './remove.ts';

export interface CleanupRequest {
  application: string;
  /** Only this one's preview. @default all previews */
  pullRequest?: number;
  /** Which pull requests have previews. @default all that are open */
  policy?: PreviewPolicy;
  /** Whether those whose time is over go, too. @default false */
  expired?: boolean;
  /** Say what would go, but change nothing. */
  dryRun?: boolean;
}

/** What became of one preview. */
export interface Cleaned {
  environment: Environment;
  /**
   * `kept`: its pull request shall have it. `removable`: would go, were it not a dry run. `left`: some or all of it could not
   * be removed. `nothing`: it was not there.
   */
  kind: 'removed' | 'removable' | 'kept' | 'left' | 'nothing';
  /** Why it should not be there; absent when it should, or when nobody could tell. */
  unwanted?: Unwanted;
  removed: string[];
  left: Destroyed['left'];
}

type CleanupPorts = RemovePorts & Pick<Ports, 'lock'>;

/** No pull request that wants it, no environment: destroys every preview that should not be, one after the other. */
export async function cleanup(request: CleanupRequest, ports: CleanupPorts): Promise<Cleaned[]> {
  const cleaned: Cleaned[] = [];
  for (const environment of await candidates(request, ports)) {
    cleaned.push(await ports.lock.hold(environment, () => clean(environment, request, ports)));
  }
  return cleaned;
}

async function candidates(
  { application, pullRequest }: CleanupRequest,
  { target }: CleanupPorts,
): Promise<Environment[]> {
  if (pullRequest !== undefined) return [previewEnvironment(application, pullRequest)];
  return (await target.list(application))
    .map(({ environment }) => environment)
    .filter(({ type }) => type === 'preview')
    .sort((a, b) => (a.pullRequest ?? 0) - (b.pullRequest ?? 0));
}

async function clean(environment: Environment, request: CleanupRequest, ports: CleanupPorts): Promise<Cleaned> {
  const nothing: Destroyed = { removed: [], left: [] };
  try {
    // Asked under the lock: it may have been opened again since the environments were listed.
    const wants = await wanted(environment, request, ports);
    if (wants.wanted) return { environment, kind: 'kept', ...nothing };
    const result = (kind: Cleaned['kind'], destroyed = nothing): Cleaned => ({
      environment,
      kind,
      unwanted: wants,
      ...destroyed,
    });
    if (request.dryRun) return result((await ports.target.read(environment)) ? 'removable' : 'nothing');
    const destroyed = await remove(environment, ports, wants);
    if (!destroyed) return result('nothing');
    return result(destroyed.left.length === 0 ? 'removed' : 'left', destroyed);
  } catch (error) {
    // One that cannot be cleaned must not keep the others.
    const why = error instanceof Error ? error.message : String(error);
    return { environment, kind: 'left', removed: [], left: [{ what: `environment ${environment.name}`, why }] };
  }
}

async function wanted(
  environment: Environment,
  { policy = everyPullRequest, expired = false }: CleanupRequest,
  { forge, target, clock }: CleanupPorts,
): Promise<Wanted | Unwanted> {
  const wants = wantsPreview(await forge.pullRequest(environment.pullRequest ?? 0), policy);
  const deployed = wants.wanted && expired ? await target.read(environment) : undefined;
  return (deployed && expiredPreview(deployed, clock.now())) || wants;
}
