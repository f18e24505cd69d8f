import type { IncomingMessage } from 'node:http';

/** As in the API and in templates. */
export interface Action {
  Type: 'forward' | 'fixed-response' | 'redirect' | string;
  Order?: number;
  TargetGroupArn?: string;
  ForwardConfig?: {
    TargetGroups?: { TargetGroupArn: string; Weight?: number }[];
    TargetGroupStickinessConfig?: unknown;
  };
  FixedResponseConfig?: { StatusCode: string; ContentType?: string; MessageBody?: string };
  RedirectConfig?: {
    StatusCode: string;
    Protocol?: string;
    Host?: string;
    Port?: string;
    Path?: string;
    Query?: string;
  };
}

export interface Condition {
  Field: string;
  Values?: string[];
  HostHeaderConfig?: { Values?: string[] };
  PathPatternConfig?: { Values?: string[] };
  HttpHeaderConfig?: { HttpHeaderName: string; Values: string[] };
  HttpRequestMethodConfig?: { Values: string[] };
  QueryStringConfig?: { Values: { Key?: string; Value: string }[] };
  SourceIpConfig?: { Values: string[] };
}

type Asking = Pick<IncomingMessage, 'headers' | 'method' | 'url'>;

/** Application Load Balancers, "Condition types for listener rules": all conditions, one value of each. */
export function fits(conditions: Condition[], request: Asking): boolean {
  return conditions.every((condition) => fitsOne(condition, request));
}

function fitsOne(condition: Condition, { headers, method, url = '/' }: Asking): boolean {
  const { pathname, searchParams } = new URL(url, 'http://load-balancer');
  const any = (patterns: string[] | undefined, value: string, flags: string) =>
    (patterns ?? condition.Values ?? []).some((pattern) => wildcard(pattern, flags).test(value));
  switch (condition.Field) {
    case 'host-header':
      return any(condition.HostHeaderConfig?.Values, (headers.host ?? '').replace(/:\d+$/, ''), 'i');
    case 'path-pattern':
      return any(condition.PathPatternConfig?.Values, pathname, '');
    case 'http-header': {
      const { HttpHeaderName = '', Values } = condition.HttpHeaderConfig ?? {};
      const value = headers[HttpHeaderName.toLowerCase()];
      return value !== undefined && any(Values, String(value), 'i');
    }
    case 'http-request-method':
      return (condition.HttpRequestMethodConfig?.Values ?? []).includes(method ?? '');
    case 'query-string':
      return (condition.QueryStringConfig?.Values ?? []).some(({ Key, Value }) =>
        [...searchParams].some(
          ([key, value]) => (!Key || wildcard(Key, 'i').test(key)) && wildcard(Value, 'i').test(value),
        ),
      );
    default:
      throw new Error(`The fake load balancer has no condition "${condition.Field}".`);
  }
}

const wildcard = (pattern: string, flags: string) =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    flags,
  );

/** Weights by target group; one group alone has all. */
export function weightsOf(action: Action | undefined): Record<string, number> {
  const groups = action?.ForwardConfig?.TargetGroups;
  if (groups?.length)
    return Object.fromEntries(groups.map(({ TargetGroupArn, Weight }) => [TargetGroupArn, Weight ?? 1]));
  return action?.TargetGroupArn ? { [action.TargetGroupArn]: 1 } : {};
}

/**
 * The group whose turn it is: of as many requests as the weights add up to, each group gets its weight, evenly spread.
 * @param turn counts the requests of the rule
 */
export function chosen(weights: Record<string, number>, turn: number): string | undefined {
  const entries = Object.entries(weights).filter(([, weight]) => weight > 0);
  const total = entries.reduce((sum, [, weight]) => sum + weight, 0);
  if (total === 0) return undefined;
  let most: [string, number] = ['', Number.NEGATIVE_INFINITY];
  // Who is furthest behind what is due after this request.
  const given = new Map<string, number>();
  for (let at = 0; at <= turn % total; at += 1) {
    most = ['', Number.NEGATIVE_INFINITY];
    for (const [arn, weight] of entries) {
      const behind = ((at + 1) * weight) / total - (given.get(arn) ?? 0);
      if (behind > most[1]) most = [arn, behind];
    }
    given.set(most[0], (given.get(most[0]) ?? 0) + 1);
  }
  return most[0];
}
