export { type CopyEvent, type CopyOptions, type CopySource, copy, copyAll } from './copy.ts';
export { anonymous, type Credential, type Credentials, fixedCredential } from './credentials/credential.ts';
export { type DockerConfigOptions, dockerCredentials } from './credentials/docker-config.ts';
export { type Layout, openLayout } from './layout/layout.ts';
export { type ImageName, parseImageName } from './name.ts';
export { openRegistry, type Registry, type RegistryOptions } from './remote/registry.ts';
export type {
  ByteStream,
  CallOptions,
  Content,
  ImageSource,
  Open,
  Reference,
  Repository,
  StoredManifest,
} from './repository.ts';
