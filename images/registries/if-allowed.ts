import { type Diagnostic, UserError } from '../../pipeline/mod.ts';

/** Does what is no condition for a push: who may not do it (FL2217) is told and goes on. */
export async function ifAllowed<T>(
  work: () => Promise<T>,
  warn: ((diagnostic: Diagnostic) => void) | undefined,
): Promise<T | 'not allowed'> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof UserError) || !error.diagnostics.every(({ code }) => code === 'FL2217')) throw error;
    for (const diagnostic of error.diagnostics) warn?.({ ...diagnostic, severity: 'warning' });
    return 'not allowed';
  }
}
