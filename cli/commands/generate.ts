import { analyzeApplication } from '../application.ts';
import type { Context, Result } from '../context.ts';
import { missingPaths } from '../editor-paths.ts';
import { writeGenerated } from '../generated-files.ts';

/** Writes what editors need to know `~encore/clients` and `~encore/auth`, and says what they lack to find it. */
export async function generate(context: Context): Promise<Result> {
  const changed = writeGenerated(context.directory, await analyzeApplication(context));
  const missing = missingPaths(context.directory);
  if (missing !== undefined) context.report.warn(missing);
  return {
    document: { changed },
    text: changed.length > 0 ? changed.join('\n') : 'encore.gen is current.',
  };
}
