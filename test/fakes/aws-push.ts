import { type ECRClient, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import { imageOf, indexOf, layerOf, openLayer, scratch } from '../../images/oci/image/mod.ts';
import { fixedCredential, openRegistry, type Registry } from '../../images/oci/repository/mod.ts';
import type { Digest } from '../../pipeline/mod.ts';

/** The registry behind the fake's ECR, as whoever the client is. */
export async function signedIn(client: ECRClient, host: string): Promise<Registry> {
  const { authorizationData } = await client.send(new GetAuthorizationTokenCommand({}));
  const [username = '', password = ''] = Buffer.from(authorizationData?.[0]?.authorizationToken ?? '', 'base64')
    .toString()
    .split(/:(.*)/s);
  return openRegistry(host, {
    credentials: fixedCredential({ username, password }),
    upload: { mode: 'whole' },
    retry: { attempts: 1 },
  });
}

export interface Program {
  /** Of `main.mjs`. */
  source: string;
  env?: Record<string, string>;
}

/** Pushes an image that runs a program with Node, as the kit makes them on no base: an index over one platform. Answers its digest. */
export async function pushProgram(
  client: ECRClient,
  repositoryUri: string,
  tag: string,
  { source, env = {} }: Program,
): Promise<Digest> {
  const [host = '', ...name] = repositoryUri.split('/');
  const registry = await signedIn(client, host);
  try {
    const repository = registry.repository(name.join('/'));
    const layer = await layerOf([{ path: 'main.mjs', content: Buffer.from(source) }], { prefix: 'app' });
    const image = imageOf({
      base: scratch({ os: 'linux', architecture: 'amd64' }),
      layers: [{ diffId: layer.diffId, descriptor: layer.descriptor, createdBy: 'test' }],
      settings: {
        entrypoint: ['/usr/local/bin/node'],
        cmd: ['main.mjs'],
        workingDirectory: '/app',
        env,
        ports: [8080],
        labels: {},
      },
    });
    await repository.writeBlob(layer.descriptor, openLayer(layer));
    await repository.writeBlob(image.config.descriptor, () => image.config.bytes);
    await repository.putManifest(image.manifest.bytes, image.manifest.descriptor.mediaType);
    const index = indexOf([image]);
    await repository.putManifest(index.bytes, index.descriptor.mediaType, tag);
    return index.descriptor.digest;
  } finally {
    await registry.close();
  }
}
