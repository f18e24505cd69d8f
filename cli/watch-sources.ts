import { join, normalize, relative, sep } from 'node:path';
import { watch } from 'chokidar';
import { derivedDirectories } from '../analyzer/derived.ts';

/** Milliseconds of quiet that end a change: editors and version control write many files at once. */
const quiet = 150;

/** Whether a path, relative to the application's directory, is not installed, generated or built. */
export function isSource(path: string): boolean {
  return !path.split(sep).some((part) => derivedDirectories.has(part));
}

function isBeside(path: string): boolean {
  return path.startsWith(`..${sep}`);
}

/** Whether a path is one of these directories, or in one, or leads to one. */
function concerns(path: string, directories: ReadonlySet<string>): boolean {
  return [...directories].some(
    (one) => one === path || `${path}${sep}`.startsWith(`${one}${sep}`) || `${one}${sep}`.startsWith(`${path}${sep}`),
  );
}

export interface SourceWatch {
  /** Resolves when it watches. */
  ready: Promise<void>;
  /** Resolves to true when something has changed since the last time, to false after the signal. */
  changed(): Promise<boolean>;
  /** As if something had changed. */
  touch(): void;
  /**
   * Follows also these files and directories, relative to the application's: what is served may be what a build made, and packages of a
   * workspace lie beside it.
   */
  follow(paths: readonly string[]): void;
  close(): Promise<void>;
}

/** Watches the files under `directory` from now on; `besides` are further directories that do not count. */
export function watchSources(directory: string, signal: AbortSignal, besides: string[] = []): SourceWatch {
  let built: ReadonlySet<string> = new Set();
  const isFollowed = (path: string) => isSource(path) || concerns(path, built);
  const watcher = watch(directory, {
    ignored: (path) => besides.includes(path) || !isFollowed(relative(directory, path)),
    ignoreInitial: true,
  });
  let pending = false;
  let wake = () => {};
  let timer: NodeJS.Timeout | undefined;
  const touch = () => {
    pending = true;
    wake();
  };
  watcher.on('all', () => {
    clearTimeout(timer);
    timer = setTimeout(touch, quiet);
  });
  signal.addEventListener('abort', () => wake());
  return {
    ready: new Promise((resolve) => watcher.on('ready', resolve)),
    async changed() {
      while (!pending && !signal.aborted) await new Promise<void>((resolve) => (wake = resolve));
      pending = false;
      return !signal.aborted;
    },
    touch,
    follow(paths) {
      const before = built;
      built = new Set(paths.map((path) => normalize(path)).filter((path) => !isSource(path) || isBeside(path)));
      watcher.add([...built].filter((path) => !before.has(path)).map((path) => join(directory, path)));
    },
    async close() {
      clearTimeout(timer);
      await watcher.close();
    },
  };
}
