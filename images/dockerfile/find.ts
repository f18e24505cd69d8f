import { stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { type Allocation, type Diagnostic, type Graph, type Process, processesOf } from '../../pipeline/mod.ts';
import { systemCode } from '../files.ts';
import { placeOf } from './errors.ts';

export interface DockerfileChoice {
  /** Whether a Dockerfile in the application's root is meant for us; many are for something else. @default false */
  dockerfile?: boolean | undefined;
}

/**
 * The Dockerfile that a process is built from, relative to the root: of a service's own process that in the directory of
 * the service, of all services in one process that in the root, if the application says so. Undefined for all others.
 */
export async function dockerfileOf(
  root: string,
  graph: Graph,
  process: Process,
  choice: DockerfileChoice = {},
): Promise<string | undefined> {
  const directory = directoryOf(graph, process);
  if (directory === undefined || (directory === '.' && !choice.dockerfile)) return undefined;
  const path = posix.join(directory, 'Dockerfile');
  return (await isFile(join(root, path))) ? path : undefined;
}

/** A warning for each Dockerfile of a service when no allocation has a process for that service alone. */
export async function unusedDockerfiles(
  root: string,
  graph: Graph,
  allocations: readonly Allocation[],
): Promise<Diagnostic[]> {
  if (allocations.includes('per-service')) return [];
  const found = await Promise.all(
    processesOf(graph, 'per-service').map((process) => dockerfileOf(root, graph, process)),
  );
  return found
    .filter((path) => path !== undefined)
    .map((path) => ({
      code: 'FL2514',
      severity: 'warning',
      message: `${path} has no effect: no environment runs this service in a process of its own`,
      help: 'Write `"processes": "per-service"` for the environment in fairlead.json, or rename the file when it is not meant for Fairlead.',
      position: placeOf(path),
    }));
}

/** `.` for the root. The gateway's own process has none. */
function directoryOf(graph: Graph, { name, services, gateway }: Process): string | undefined {
  if (gateway) return name === 'app' ? '.' : undefined;
  const directory = graph.services.find((service) => service.name === services[0])?.directory;
  return directory === undefined ? undefined : posix.join(directory, '.');
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(systemCode(error) ?? '')) return false;
    throw error;
  }
}
