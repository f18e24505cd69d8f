import type { Environment } from './environment.ts';
import type { Destroyed, Ports } from './ports.ts';
import { type RemovePorts, remove } from './remove.ts';

/** Destroys an environment, whatever its pull request says; undefined when there is nothing to destroy. */
export async function destroyEnvironment(
  environment: Environment,
  ports: RemovePorts & Pick<Ports, 'lock'>,
): Promise<Destroyed | undefined> {
  return ports.lock.hold(environment, () => remove(environment, ports));
}
