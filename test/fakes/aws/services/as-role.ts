import { AwsError, type Call, type Principal, type World } from '../model.ts';

/** What one service of AWS does of another with the rights of somebody: refused just as over HTTP. */
export async function callAs(
  world: World,
  by: Caller,
  service: string,
  operation: string,
  input: object,
  // biome-ignore lint/suspicious/noExplicitAny: every operation has a shape of its own.
): Promise<any> {
  const target = world.services.get(service);
  const run = target?.operations[operation];
  if (!target || !run) throw new AwsError('InvalidAction', `${service} has no ${operation} here.`);
  const call: Call = { ...by, requestId: requestId(world) };
  const wishes = target.authorize?.(operation, input as never, call) ?? [
    { action: `${service}:${operation}`, resource: '*' },
  ];
  world.authorize(call, wishes);
  return run(input, call);
}

export type Caller = Pick<Call, 'account' | 'region' | 'principal'>;

/** A session of the role, as services of AWS have them. */
export function sessionOf(roleArn: string, session: string, expires: number): Extract<Principal, { kind: 'role' }> {
  const [, , , , account = '', path = ''] = roleArn.split(':');
  return { kind: 'role', account, role: path.split('/').at(-1) ?? '', session, expires };
}

export function requestId({ random }: Pick<World, 'random'>): string {
  const hex = (length: number) => random.text(length, '0123456789abcdef');
  return `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`;
}
