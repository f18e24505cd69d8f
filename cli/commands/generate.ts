import { analyzeApplication } from '../application.ts';
import type { Context, Result } from '../context.ts';
import { writeGenerated } from '../generated-files.ts';

/** Writes what editors need to know `~encore/clients`. */
export async function generate(context: Context): Promise<Result> {
  const changed = writeGenerated(context.directory, await analyzeApplication(context));
  return {
    document: { changed },
    text: changed.length > 0 ? changed.join('\n') : 'encore.gen is current.',
  };
}
