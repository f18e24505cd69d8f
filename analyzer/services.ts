import { basename, dirname, relative, sep } from 'node:path';
import type { Position } from './diagnostic.ts';
import { compare, comparePositions } from './report.ts';

/** A service before its content is known. */
export interface FoundService {
  name: string;
  /** Absolute. */
  directory: string;
  declaration: 'explicit' | 'implicit';
  position: Position;
}

/** A place that makes its directory a service. */
export interface Root {
  file: string;
  position: Position;
  /** Of an `encore.service.ts`; absent for endpoints and subscriptions. */
  name?: string;
}

/**
 * The services of an application. An explicit one owns its whole directory; elsewhere the topmost directory with an endpoint
 * or a subscription is a service of the directory's name.
 */
export function findServices(roots: readonly Root[], application: { root: string; name: string }): FoundService[] {
  const explicit = roots
    .filter((root) => root.name !== undefined)
    .map(
      ({ file, position, name }): FoundService => ({
        name: name ?? '',
        directory: dirname(file),
        declaration: 'explicit',
        position,
      }),
    );
  const services = new Map<string, FoundService>(explicit.map((service) => [service.directory, service]));
  const implicit = roots
    .filter(({ name }) => name === undefined)
    .sort((a, b) => depth(a.file) - depth(b.file) || comparePositions(a.position, b.position));
  for (const { file, position } of implicit) {
    const directory = dirname(file);
    if (ancestor(directory, services)) continue;
    const name = directory === application.root ? application.name : basename(directory);
    services.set(directory, { name, directory, declaration: 'implicit', position });
  }
  return [...services.values()].sort((a, b) => compare(a.name, b.name) || comparePositions(a.position, b.position));
}

/** Answers which service a file belongs to. */
export class ServiceIndex {
  readonly services: readonly FoundService[];
  readonly #byDirectory: ReadonlyMap<string, FoundService>;

  constructor(services: readonly FoundService[]) {
    this.services = services;
    this.#byDirectory = new Map(services.map((service) => [service.directory, service]));
  }

  /** The service whose directory holds the file: the deepest one. */
  of(file: string): FoundService | undefined {
    return ancestor(dirname(file), this.#byDirectory);
  }
}

/** The service of a directory or of the nearest one above it. */
function ancestor(directory: string, services: ReadonlyMap<string, FoundService>): FoundService | undefined {
  const found = services.get(directory);
  const above = dirname(directory);
  return found ?? (above === directory ? undefined : ancestor(above, services));
}

/** Whether `path` is below `directory`. */
export function contains(directory: string, path: string): boolean {
  const way = relative(directory, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`);
}

function depth(path: string): number {
  return path.split(sep).length;
}

/** The name of a service as an identifier of `~encore/clients`. */
export function clientName(service: string): string {
  return service.replaceAll(/\W/g, '_').replace(/^(?=\d)/, '_');
}
