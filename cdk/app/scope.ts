import type { Position, ResourceReference } from '../../pipeline/mod.ts';
import type { Draft } from '../draft.ts';
import type { AppInput } from '../model.ts';
import { type PhysicalKind, physicalName } from '../names.ts';

/** What every part of an environment's template is made from. */
export interface Scope extends Draft {
  input: AppInput;
  /** Whether the environment goes with its pull request: quick, cheap, and nothing in it is kept. */
  preview: boolean;
  /** The physical name of something of this environment. */
  name(kind: PhysicalKind, ...parts: string[]): string;
}

export function scopeOf(draft: Draft, input: AppInput): Scope {
  const { application, name, type } = input.plan.environment;
  return {
    ...draft,
    input,
    preview: type === 'preview',
    name: (kind, ...parts) => physicalName(kind, application, name, ...parts),
  };
}

type Declared = Exclude<ResourceReference['kind'], 'endpoint' | 'keyspace'> | 'cache';

/** Where the code declares a resource. */
export function declared({ input }: Scope, kind: Declared, name: string): { position?: Position } {
  const { graph } = input.plan.release.content;
  const lists = {
    database: graph.databases,
    topic: graph.topics,
    bucket: graph.buckets,
    cache: graph.caches,
    metric: graph.metrics,
    secret: graph.secrets,
  };
  const found = lists[kind].find((one) => one.name === name);
  return found ? { position: found.position } : {};
}

/** Where the code declares what a process is there for: its service, or the gateway. */
export function declaredProcess({ input }: Scope, process: string): { position?: Position } {
  const { graph } = input.plan.release.content;
  const planned = input.plan.processes.find(({ name }) => name === process);
  const service = graph.services.find(({ name }) => planned?.services.length === 1 && planned.services.includes(name));
  const position = service?.position ?? (planned?.gateway ? graph.gateway?.position : undefined);
  return position ? { position } : {};
}
