import type { CacheServerRequest, InfraConfig } from '../../runtime/wire.ts';

/** Rises when a supervisor started by a former version would misread what this one sends. */
export const protocolVersion = 2;

/** How to reach a supervisor; kept in a file that only the user may read. */
export interface Handle {
  version: number;
  pid: number;
  port: number;
  token: string;
}

/** `POST /deploy`: what the environment shall run. Answered by a stream of `DeployEvent`, one JSON object per line. */
export interface DeployRequest {
  release: string;
  /** The port of the front door. */
  front: number;
  /** Milliseconds. */
  healthTimeout: number;
  processes: ProcessRequest[];
  cronJobs: CronRequest[];
  /** Absent without caches. */
  caches?: CacheServerRequest;
  internalKey: string;
}

export interface ProcessRequest {
  name: string;
  /** Absolute path of the directory that holds `main.mjs`. */
  directory: string;
  gateway: boolean;
  /** The port other processes call it on. */
  door?: number;
  config: InfraConfig;
  env: Record<string, string>;
  fingerprint: string;
}

export interface CronRequest {
  name: string;
  process: string;
  when: { every: number } | { schedule: string };
  enabled: boolean;
}

export type DeployEvent =
  | { event: 'healthy'; process: string; milliseconds: number }
  /** The new release answers; the former one finishes what it started. */
  | { event: 'switched' }
  | { event: 'done'; started: string[]; kept: string[] }
  | { event: 'unhealthy'; process: string; reason: string; output: string[] }
  | { event: 'port-in-use'; port: number }
  | { event: 'broken'; message: string };

/** `GET /status`. */
export interface Status {
  release?: string;
  front?: number;
  processes: { name: string; state: 'running' | 'restarting' | 'stopped'; pid?: number; port?: number }[];
}

/** `POST /trigger`, answered when the job has ended. */
export type TriggerResult = { ok: true } | { ok: false; reason: 'unknown' | 'failed'; message: string };
