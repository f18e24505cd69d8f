import type { Diagnostic, Graph } from '../../pipeline/mod.ts';

/** Everything that an application asks for and no environment can give yet; empty when there is nothing. */
export function hostable({ settings }: Graph): Diagnostic[] {
  if (!settings.workerPooling) return [];
  return [
    {
      code: 'FL2005',
      severity: 'error',
      message: 'setting `build.worker_pooling` cannot be hosted yet',
      help: 'Remove it.',
      // It has no place of its own in the Graph; its file has.
      position: { file: 'encore.app', line: 1, column: 1 },
    },
  ];
}
