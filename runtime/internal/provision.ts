import { readRequest } from '../provision/request.ts';
import { ProvisionError, provisionServer } from '../provision/server.ts';
import type { ProvisionEvent } from '../wire.ts';

/**
 * Does what `FAIRLEAD_PROVISION` asks for, writes one `ProvisionEvent` on the standard output, and lets the process exit with 1 when
 * it failed. Neither passwords nor the account are ever written.
 */
export async function provision(): Promise<void> {
  const started = performance.now();
  try {
    const wanted = readRequest(process.env.FAIRLEAD_PROVISION);
    await provisionServer(wanted);
    const databases = wanted.databases.map(({ name }) => name);
    const milliseconds = Math.round(performance.now() - started);
    emit({ event: 'provisioned', action: wanted.action, databases, milliseconds });
  } catch (error) {
    emit(failure(error));
    process.exitCode = 1;
  }
}

function emit(event: ProvisionEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

function failure(error: unknown): ProvisionEvent {
  const { message, cause } = error as Error;
  const sqlstate = (cause as { code?: unknown } | undefined)?.code;
  return {
    event: 'failed',
    message,
    ...(error instanceof ProvisionError && error.database !== undefined && { database: error.database }),
    ...(typeof sqlstate === 'string' && /^[0-9A-Z]{5}$/.test(sqlstate) && { sqlstate }),
  };
}
