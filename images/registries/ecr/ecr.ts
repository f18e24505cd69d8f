import type { Credentials } from '../../oci/repository/mod.ts';
import type { EcrHost } from '../address.ts';
import { lastingNames } from '../expiry.ts';
import { held } from '../held.ts';
import type { HostOptions, Kind } from '../host.ts';
import { orDocker } from '../or-docker.ts';
import { createEcrApi } from './api.ts';
import { hasNoCredentials } from './errors.ts';
import { prepareRepository } from './prepare.ts';

/** Amazon ECR: as whoever the AWS tools know, else as docker's sign-in says, which cannot prepare the repository. */
export function openEcr(registry: EcrHost, docker: Credentials, { env, now = Date.now }: HostOptions): Kind {
  const api = createEcrApi(registry, env, now);
  const token = held(() => api.token(), now);

  return {
    async credentials() {
      const found = await orDocker(token, docker, registry.host, hasNoCredentials);
      return 'docker' in found ? found.docker : found.result;
    },
    // As containerd sends it; parts have limits of their own there.
    connection: { upload: { mode: 'whole' } },
    expires: true,
    async prepare({ name }, { application, lasting, warn }) {
      const wanted = { address: { ...registry, name }, application, lasting: lastingNames(lasting), warn };
      await orDocker(() => prepareRepository(api, wanted), docker, registry.host, hasNoCredentials);
    },
    close: () => api.close(),
  };
}
