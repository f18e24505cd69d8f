import { isRegistry, isRepositoryName } from '../oci/repository/name.ts';
import { wrongAddress } from './errors.ts';

/** Where an application's images go, read from what the user wrote. */
export type Address = EcrAddress | ArtifactRegistryAddress | PlainAddress;

interface Common {
  /** Host, with the port if there is one. */
  host: string;
  /** Of the application's repository, within the registry. */
  name: string;
}

export interface EcrAddress extends Common {
  kind: 'ecr';
  /** Twelve digits. */
  account: string;
  region: string;
  fips: boolean;
  dualstack: boolean;
}

export interface ArtifactRegistryAddress extends Common {
  kind: 'artifact-registry';
  project: string;
  /** Absent for `gcr.io`, whose repositories Google keeps itself. */
  parent?: { project: string; location: string; repository: string };
}

export interface PlainAddress extends Common {
  kind: 'oci';
}

const ecrHost =
  /^(\d{12})\.dkr[.-]ecr(-fips)?\.([a-z0-9-]+)\.(amazonaws\.com(?:\.cn)?|amazonaws\.eu|on\.aws|on\.amazonwebservices\.(?:com\.cn|eu))$/;
const artifactRegistryHost = /^([a-z0-9-]+)-docker\.pkg\.dev$/;
const containerRegistryHost = /^(?:[a-z]+\.)?gcr\.io$/;

/** Amazon takes single separators only, and no name of one character. */
const ecrName = /^(?=.{2,256}$)(?:[a-z0-9]+(?:[._-][a-z0-9]+)*\/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$/;

const examples = 'Write HOST or HOST/PREFIX, such as registry.example:5000 or ghcr.io/team.';

/** @throws UserError FL2215 when `registry` is not `HOST[/PREFIX]`, or can hold no repository of this application. */
export function parseAddress(registry: string, application: string): Address {
  const [host, ...prefix] = registry.split('/') as [string, ...string[]];
  if (/^[a-z]+:\/\//i.test(registry))
    throw wrongAddress(registry, 'it is a URL', 'Leave out what is before the host: registry.example/team.');
  if (!isRegistry(host)) throw wrongAddress(registry, `${JSON.stringify(host)} is no host of a registry`, examples);
  if (prefix.length > 0 && !isRepositoryName(prefix.join('/')))
    throw wrongAddress(
      registry,
      'its path has something else than small letters, digits and single separators between them',
      'Leave out tags, digests and slashes at the end; the name of the application is added to it.',
    );
  const name = [...prefix, application].join('/');
  if (!isRepositoryName(name) || `${host}/${name}`.length > 255)
    throw wrongAddress(
      `${host}/${name}`,
      'the name of the application cannot be part of a repository there',
      'Give the application a name of small letters, digits and dashes, with `name` in fairlead.json.',
    );
  return addressAt(host, prefix, name);
}

function addressAt(host: string, prefix: string[], name: string): Address {
  const ecr = ecrHost.exec(host);
  if (ecr) return ecrAddress(ecr, host, name);
  const artifactRegistry = artifactRegistryHost.exec(host);
  if (artifactRegistry) return artifactRegistryAddress(artifactRegistry[1]!, host, prefix, name);
  if (containerRegistryHost.test(host)) return containerRegistryAddress(host, prefix, name);
  return { kind: 'oci', host, name };
}

function ecrAddress([, account, fips, region, domain]: RegExpExecArray, host: string, name: string): EcrAddress {
  if (!ecrName.test(name))
    throw wrongAddress(
      `${host}/${name}`,
      'Amazon ECR has no such repositories',
      'Use at least two small letters and digits, with one `.`, `_` or `-` between them at a time.',
    );
  const dualstack = domain!.startsWith('on.');
  return { kind: 'ecr', host, name, account: account!, region: region!, fips: fips !== undefined, dualstack };
}

/** A project of a domain, `example.com:shop`, is two parts of the path. */
function artifactRegistryAddress(
  location: string,
  host: string,
  prefix: string[],
  name: string,
): ArtifactRegistryAddress {
  const ofDomain = prefix[0]?.includes('.') ?? false;
  const project = ofDomain ? prefix.slice(0, 2).join(':') : prefix[0];
  const repository = prefix[ofDomain ? 2 : 1];
  if (project === undefined || repository === undefined)
    throw wrongAddress(
      [host, ...prefix].join('/'),
      'Artifact Registry wants a project and a repository',
      `Write ${host}/PROJECT/REPOSITORY; the repository is created when it is missing.`,
    );
  return { kind: 'artifact-registry', host, name, project, parent: { project, location, repository } };
}

function containerRegistryAddress(host: string, prefix: string[], name: string): ArtifactRegistryAddress {
  const [project] = prefix;
  if (project === undefined)
    throw wrongAddress(host, 'it wants a project', `Write ${host}/PROJECT, or use a repository of Artifact Registry.`);
  return { kind: 'artifact-registry', host, name, project };
}
