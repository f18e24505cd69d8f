import type { Digest } from '../../../pipeline/mod.ts';
import { repositoryError } from './errors.ts';

/** `registry.example:5000/team/shop:v1@sha256:…` in parts. */
export interface ImageName {
  /** Host, with the port if there is one. */
  registry: string;
  /** Path within the registry. */
  name: string;
  tag?: string;
  digest?: Digest;
}

const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const repositoryPattern = new RegExp(`^${component}(?:/${component})*$`);
const tagPattern = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;
const digestPattern = /^sha256:[a-f0-9]{64}$/;
const label = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
const registryPattern = new RegExp(`^(?:${label}(?:\\.${label})*|\\[[a-fA-F0-9:.]+\\])(?::[0-9]{1,5})?$`);

/** Registries count the host in, so that both together have this many characters at most. */
const longestName = 255;

export function isDigest(text: string): text is Digest {
  return digestPattern.test(text);
}

export function isTag(text: string): boolean {
  return tagPattern.test(text);
}

/** By the OCI distribution specification. */
export function isRepositoryName(text: string): boolean {
  return text.length <= longestName && repositoryPattern.test(text);
}

/** A first part without a dot or a port is a path, as with Docker; but for `localhost`. */
export function isRegistry(text: string): boolean {
  return registryPattern.test(text) && (/[.:]/.test(text) || text === 'localhost');
}

/** @throws UserError FL2209 when it is not a name, or names no registry. */
export function parseImageName(text: string): ImageName {
  const [front, digest] = split(text, '@');
  const slash = front.indexOf('/');
  const registry = slash < 0 ? '' : front.slice(0, slash);
  const [name, tag] = split(front.slice(slash + 1), ':');
  if (!isRegistry(registry)) throw wrongName(text, 'it begins with no registry');
  requireName(registry, name, text);
  if (tag !== undefined) requireTag(tag, text);
  if (digest !== undefined && !isDigest(digest)) throw wrongName(text, 'its digest is not sha256: and 64 hex digits');
  return { registry, name, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) };
}

export function requireName(registry: string, name: string, text: string = name): void {
  if (`${registry}/${name}`.length > longestName) throw wrongName(text, `it is longer than ${longestName} characters`);
  if (!isRepositoryName(name))
    throw wrongName(text, 'its path has something else than small letters, digits and single separators between them');
}

export function requireTag(tag: string, text: string = tag): void {
  if (!isTag(tag))
    throw wrongName(
      text,
      'a tag has at most 128 letters, digits, "_", "." and "-", and starts with none of the last two',
    );
}

export function requireReference(reference: string): void {
  if (!isDigest(reference)) requireTag(reference);
}

function split(text: string, separator: string): [string, string | undefined] {
  const index = text.indexOf(separator);
  return index < 0 ? [text, undefined] : [text.slice(0, index), text.slice(index + 1)];
}

/** A name as somebody wrote it, for an error: quoted, not too long, and without the password of a URL. */
export function quoted(text: string): string {
  const shown = text.replace(/^(\w+:\/\/)?.*@(?!sha\d+:)/s, '$1***@');
  return JSON.stringify(shown.length > 300 ? `${shown.slice(0, 300)}…` : shown);
}

function wrongName(text: string, why: string): Error {
  return repositoryError(
    'FL2209',
    `${quoted(text)} does not name an image: ${why}`,
    'Write it as REGISTRY/PATH:TAG, such as registry.example/team/shop:v1.',
  );
}
