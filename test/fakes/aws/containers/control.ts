import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { World } from '../model.ts';
import { sessionOf } from '../services/as-role.ts';
import type { Discovery } from '../services/ecs/load-balancing.ts';
import type { LaunchedTask } from './model.ts';

/** What containers ask of their surroundings, over HTTP on loopback: credentials of the task's role, and names of Cloud Map. */
export interface Control {
  url: string;
  /** The variables by which the SDK finds the role of a task. */
  credentialsOf(task: LaunchedTask): Record<string, string>;
  dispose(): Promise<void>;
}

/** ECS announces credentials for six hours, and renews them before. */
const announced = 6 * 3_600_000;

/** @param realAddress of a private one; undefined when it is no task's */
export async function startControl(
  world: World,
  realAddress: (address: string) => string | undefined,
): Promise<Control> {
  /** By path. */
  const roles = new Map<string, { token: string; body: () => object }>();
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    const end = (status: number, body: string) => response.writeHead(status, { connection: 'close' }).end(body);
    if (path.startsWith('/names/')) {
      const discovery = world.services.get('servicediscovery') as Discovery | undefined;
      const found = discovery?.resolve(decodeURIComponent(path.slice('/names/'.length)));
      return found ? end(200, found.flatMap((one) => realAddress(one) ?? []).join('\n')) : end(404, '');
    }
    const role = roles.get(path);
    if (!role) return end(404, '');
    if (request.headers.authorization !== role.token) return end(403, '');
    return end(200, JSON.stringify(role.body()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    /** ECS Developer Guide, "Amazon ECS task IAM role"; SDKs Reference Guide, "Container credential provider". */
    credentialsOf({ arn, role }) {
      if (!role) return {};
      const id = arn.split('/').at(-1) ?? '';
      const path = `/v2/credentials/${id}`;
      const keys = world.credentials.issue(sessionOf(role, id, Number.POSITIVE_INFINITY));
      const token = roles.get(path)?.token ?? world.random.text(40);
      roles.set(path, {
        token,
        body: () => ({
          RoleArn: role,
          AccessKeyId: keys.accessKeyId,
          SecretAccessKey: keys.secretAccessKey,
          Token: keys.sessionToken,
          Expiration: new Date(Date.now() + announced).toISOString(),
        }),
      });
      return { AWS_CONTAINER_CREDENTIALS_FULL_URI: url + path, AWS_CONTAINER_AUTHORIZATION_TOKEN: token };
    },
    dispose: () => closed(server),
  };
}

async function closed(server: Server): Promise<void> {
  const done = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await done;
}
