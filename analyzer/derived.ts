/** Directories of an application that hold what is installed, generated or built: no sources, wherever sources are read. */
export const derivedDirectories: ReadonlySet<string> = new Set([
  'node_modules',
  '.git',
  'encore.gen',
  'dist',
  'coverage',
]);
