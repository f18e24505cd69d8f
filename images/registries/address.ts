import { isRegistry, isRepositoryName } from '../oci/repository/name.ts';
import { wrongAddress } from './errors.ts';

/** Where an application's images go, read from what the user wrote. */
export type Address = EcrAddress | ArtifactRegistryAddress | PlainAddress;

/** What the name of a registry's host says. */
export type RegistryHost = EcrHost | ArtifactRegistryHost | PlainHost;

interface Common {
  /** Host, with the port if there is one. */
  host: string;
}

export interface EcrHost extends Common {
  kind: 'ecr';
  /** Twelve digits. */
  account: string;
  region: string;
  fips: boolean;
  dualstack: boolean;
}

export interface ArtifactRegistryHost extends Common {
  kind: 'artifact-registry';
  /** Absent for `gcr.io`, whose repositories Google keeps itself. */
  location?: string;
}

interface PlainHost extends Common {
  kind: 'oci';
}

/** The application's repository within its registry. */
export interface Place {
  name: string;
  /** The repository of Artifact Registry that it is in. */
  parent?: { project: string; location: string; repository: string };
}

export type EcrAddress = EcrHost & Place;
export type ArtifactRegistryAddress = ArtifactRegistryHost & Place;
type PlainAddress = PlainHost & Place;

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
  if (!isRegistry(host)) throw wrongAddress(registry, 'it begins with no host of a registry', examples);
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
  return addressAt(parseHost(host), prefix, name);
}

/** `host` is one of a registry. */
export function parseHost(host: string): RegistryHost {
  const ecr = ecrHost.exec(host);
  if (ecr) return ecrAt(ecr, host);
  const location = artifactRegistryHost.exec(host)?.[1];
  if (location !== undefined) return { kind: 'artifact-registry', host, location };
  return { kind: containerRegistryHost.test(host) ? 'artifact-registry' : 'oci', host };
}

function ecrAt([, account, fips, region, domain]: RegExpExecArray, host: string): EcrHost {
  const dualstack = domain!.startsWith('on.');
  return { kind: 'ecr', host, account: account!, region: region!, fips: fips !== undefined, dualstack };
}

function addressAt(registry: RegistryHost, prefix: string[], name: string): Address {
  if (registry.kind === 'ecr') return ecrAddress(registry, name);
  if (registry.kind === 'artifact-registry') return artifactRegistryAddress(registry, prefix, name);
  return { ...registry, name };
}

function ecrAddress(registry: EcrHost, name: string): EcrAddress {
  if (!ecrName.test(name))
    throw wrongAddress(
      `${registry.host}/${name}`,
      'Amazon ECR has no such repositories',
      'Use at least two small letters and digits, with one `.`, `_` or `-` between them at a time.',
    );
  return { ...registry, name };
}

/** A project of a domain, `example.com:shop`, is two parts of the path. */
function artifactRegistryAddress(
  registry: ArtifactRegistryHost,
  prefix: string[],
  name: string,
): ArtifactRegistryAddress {
  const { host, location } = registry;
  if (location === undefined) return containerRegistryAddress(registry, prefix, name);
  const ofDomain = prefix[0]?.includes('.') ?? false;
  const project = ofDomain ? prefix.slice(0, 2).join(':') : prefix[0];
  const repository = prefix[ofDomain ? 2 : 1];
  if (project === undefined || repository === undefined)
    throw wrongAddress(
      [host, ...prefix].join('/'),
      'Artifact Registry wants a project and a repository',
      `Write ${host}/PROJECT/REPOSITORY; the repository is created when it is missing.`,
    );
  return { ...registry, name, parent: { project, location, repository } };
}

function containerRegistryAddress(
  registry: ArtifactRegistryHost,
  prefix: string[],
  name: string,
): ArtifactRegistryAddress {
  const { host } = registry;
  if (prefix.length === 0)
    throw wrongAddress(host, 'it wants a project', `Write ${host}/PROJECT, or use a repository of Artifact Registry.`);
  return { ...registry, name };
}
