import type { Principal } from '../model.ts';
import type { Reach } from '../services/ecs/load-balancing.ts';

/** What runs containers of tasks: real processes, or what a test says. */
export interface Containers {
  /** @throws StopError CannotPullContainerError and others, in the words of AWS */
  pull(image: string, pull: Pull): Promise<Pulled>;
  /** @throws StopError CannotStartContainerError */
  start(launch: Launch): Promise<Running>;
  /** Ends everything that runs. */
  dispose(): Promise<void>;
}

export interface Pull {
  account: string;
  region: string;
  /** The execution role's session; absent: the task definition has none. */
  principal?: Principal;
  family: string;
}

export interface Pulled {
  /** Of the manifest or the index; absent where nobody knows. */
  digest?: string;
}

export interface Launch {
  task: LaunchedTask;
  /** Of the container. */
  name: string;
  image: string;
  digest?: string;
  /** As in the task definition or its overrides; absent: the image's. */
  entryPoint?: string[];
  command?: string[];
  workingDirectory?: string;
  /** With secrets resolved. */
  environment: Record<string, string>;
  healthCheck?: HealthCheck;
  /** The container ports that it is reached at. */
  ports: number[];
  log: (line: string) => void;
}

export interface LaunchedTask {
  arn: string;
  account: string;
  region: string;
  family: string;
  revision: number;
  /** Of the service that it belongs to. */
  service?: string;
  /** Private, of its network interface. */
  address: string;
  /** Of the task's role, for what the container asks of AWS. */
  role?: string;
}

/** Seconds. As in a task definition, with its defaults. */
export interface HealthCheck {
  command: string[];
  interval: number;
  timeout: number;
  retries: number;
  startPeriod: number;
}

export interface Running {
  exited: Promise<Exit>;
  /** Of the container's health check; never called without one. */
  onHealth(listener: (health: 'HEALTHY' | 'UNHEALTHY') => void): void;
  /** SIGTERM, and SIGKILL after so many seconds. Resolves when it has ended. */
  stop(seconds: number): Promise<void>;
  reach(port: number): Reach | undefined;
}

export interface Exit {
  code: number;
  /** `OutOfMemoryError: Container killed due to memory usage`. */
  reason?: string;
}

/** Why a task stops before its containers run: the words of `stoppedReason`. */
export class StopError extends Error {}
