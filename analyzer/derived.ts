/** What is generated of an analysis: it is no part of what one reads, or the first would make the next begin anew. */
export const generatedDirectory = 'encore.gen';

/** Directories of an application that hold what is installed, generated or built: no sources, wherever sources are read. */
export const derivedDirectories: ReadonlySet<string> = new Set([
  'node_modules',
  '.git',
  generatedDirectory,
  'dist',
  'coverage',
]);
