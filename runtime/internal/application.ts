import type { CallOpts } from '../api/api.ts';
import type { Manifest } from '../wire.ts';

/** The application running in this process; there is at most one. */
export interface Application {
  manifest: Manifest;
  /** The services that run here. */
  hosted: string[];
  call(service: string, endpoint: string, params: unknown, opts?: CallOpts): Promise<unknown>;
}

let running: Application | undefined;

export function application(): Application | undefined {
  return running;
}

export function setApplication(app: Application | undefined): void {
  running = app;
}
