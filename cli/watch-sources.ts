import { relative, sep } from 'node:path';
import { watch } from 'chokidar';
import { derivedDirectories } from '../analyzer/derived.ts';

/** Milliseconds of quiet that end a change: editors and version control write many files at once. */
const quiet = 150;

/** Whether a path, relative to the application's directory, is not installed, generated or built. */
export function isSource(path: string): boolean {
  return !path.split(sep).some((part) => derivedDirectories.has(part));
}

export interface SourceWatch {
  /** Resolves when it watches. */
  ready: Promise<void>;
  /** Resolves to true when something has changed since the last time, to false after the signal. */
  changed(): Promise<boolean>;
  close(): Promise<void>;
}

/** Watches the files under `directory` from now on; `besides` are further directories that do not count. */
export function watchSources(directory: string, signal: AbortSignal, besides: string[] = []): SourceWatch {
  const watcher = watch(directory, {
    ignored: (path) => besides.includes(path) || !isSource(relative(directory, path)),
    ignoreInitial: true,
  });
  let pending = false;
  let wake = () => {};
  let timer: NodeJS.Timeout | undefined;
  watcher.on('all', () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      pending = true;
      wake();
    }, quiet);
  });
  signal.addEventListener('abort', () => wake());
  return {
    ready: new Promise((resolve) => watcher.on('ready', resolve)),
    async changed() {
      while (!pending && !signal.aborted) await new Promise<void>((resolve) => (wake = resolve));
      pending = false;
      return !signal.aborted;
    },
    async close() {
      clearTimeout(timer);
      await watcher.close();
    },
  };
}
