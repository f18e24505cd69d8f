import { request } from 'node:http';
import type { Reach, Target, TargetHealth } from '../ecs/load-balancing.ts';
import type { Kept } from '../keeper.ts';

/** Elastic Load Balancing User Guide, "Health checks for Application Load Balancer target groups": the settings and their defaults. */
export interface HealthCheck {
  path: string;
  /** Milliseconds of virtual time. */
  interval: number;
  timeout: number;
  healthy: number;
  unhealthy: number;
  /** `200`, `200-299`, `200,301`. */
  matcher: string;
}

export function healthCheckOf({ properties }: Pick<Kept, 'properties'>): HealthCheck {
  return {
    path: properties.HealthCheckPath ?? '/',
    interval: Number(properties.HealthCheckIntervalSeconds ?? 30) * 1000,
    timeout: Number(properties.HealthCheckTimeoutSeconds ?? 5) * 1000,
    healthy: Number(properties.HealthyThresholdCount ?? 5),
    unhealthy: Number(properties.UnhealthyThresholdCount ?? 2),
    matcher: String(properties.Matcher?.HttpCode ?? '200'),
  };
}

/** What one check found; undefined when all is well. The reasons are those of `TargetHealth` in the API Reference. */
export type Finding = Pick<TargetHealth, 'reason' | 'description'> | undefined;

/**
 * Asks once. A process that does not listen yet is asked again until the time is over, which is real: a clock that leaps would otherwise
 * call dead what has not had a chance to start.
 */
export async function probe(reach: () => Reach | undefined, { path, timeout, matcher }: HealthCheck): Promise<Finding> {
  for (const end = Date.now() + timeout; ; ) {
    const at = reach();
    const found =
      at && (at.kind === 'scripted' ? judge(at.status, matcher) : await ask(at, path, matcher, end - Date.now()));
    const refused = !at || found?.reason === 'Target.FailedHealthChecks';
    if (!refused || Date.now() + 50 > end || !at) return at ? found : failed;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const failed: Finding = { reason: 'Target.FailedHealthChecks', description: 'Health checks failed' };

function ask(at: { host: string; port: number }, path: string, matcher: string, timeout: number): Promise<Finding> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(Math.max(1, timeout));
    const headers = { 'user-agent': 'ELB-HealthChecker/2.0', connection: 'close' };
    const asked = request({ ...at, path, headers, signal, agent: false }, (response) => {
      response.resume();
      resolve(judge(response.statusCode ?? 0, matcher));
    });
    asked.on('error', () =>
      resolve(signal.aborted ? { reason: 'Target.Timeout', description: 'Request timed out' } : failed),
    );
    asked.end();
  });
}

function judge(status: number, matcher: string): Finding {
  if (matches(status, matcher)) return undefined;
  return { reason: 'Target.ResponseCodeMismatch', description: `Health checks failed with these codes: [${status}]` };
}

export function matches(status: number, matcher: string): boolean {
  return matcher.split(',').some((part) => {
    const [least, most = least] = part.split('-').map(Number);
    return status >= (least ?? Number.NaN) && status <= (most ?? Number.NaN);
  });
}

export const targetKey = ({ id, port }: Target): string => `${id}:${port}`;
