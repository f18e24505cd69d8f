import type { CallOpts } from '../api/api.ts';
import { application } from './application.ts';

export { register } from './modules.ts';

/**
 * Calls an endpoint of a service of the application, here or in another process: what `~encore/clients` is made of.
 * @throws APIError with the code, message and details of the endpoint's failure
 */
export async function call<Response>(
  service: string,
  endpoint: string,
  params?: unknown,
  opts?: CallOpts,
): Promise<Response> {
  const app = application();
  if (!app) throw new Error(`${service}.${endpoint} was called before the application started`);
  return (await app.call(service, endpoint, params, opts)) as Response;
}
