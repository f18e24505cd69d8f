import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** What imports of an application stand for that it does not find by itself. All are URLs of files. */
export interface Resolution {
  /** The application's directory. */
  root: string;
  /** The directory of the runtime. */
  package: string;
  /** By specifier, such as `encore.dev/api`. */
  runtime: ReadonlyMap<string, string>;
  /** Of `~encore/…`; undefined for anything else, and for what is not there. */
  generated(specifier: string): string | undefined;
  /** Of a relative import in a source that leaves the ending of a TypeScript file out, or writes that of its output. */
  source(specifier: string, parent: string | undefined): string | undefined;
}

export function resolution(root: string): Resolution {
  const directory = new URL('../../', import.meta.url);
  const { exports } = JSON.parse(readFileSync(new URL('package.json', directory), 'utf8')) as {
    exports: Record<string, { default: string }>;
  };
  return {
    root,
    package: fileURLToPath(directory),
    runtime: new Map(
      Object.entries(exports).map(([path, { default: file }]) => [
        `encore.dev${path.slice(1)}`,
        new URL(file, directory).href,
      ]),
    ),
    generated(specifier) {
      if (!specifier.startsWith('~encore/')) return undefined;
      return find(join(root, 'encore.gen', specifier.slice('~encore/'.length)));
    },
    source(specifier, parent) {
      if (!/^\.{1,2}\//.test(specifier) || !parent?.startsWith('file:') || parent.includes('/node_modules/'))
        return undefined;
      return find(fileURLToPath(new URL(specifier, parent)));
    },
  };
}

/** The TypeScript file that a path without its ending, or with that of its output, stands for. */
export function find(path: string): string | undefined {
  const [, stem = path, ending] = /^(.*)\.([cm]?js)$/.exec(path) ?? [];
  const candidates =
    ending === undefined
      ? [
          path,
          `${path}.ts`,
          `${path}.mts`,
          `${path}.tsx`,
          `${path}.js`,
          `${path}.mjs`,
          join(path, 'index.ts'),
          join(path, 'index.js'),
        ]
      : [path, `${stem}.${ending.replace('js', 'ts')}`, `${stem}.tsx`];
  const found = candidates.find((candidate) => statSync(candidate, { throwIfNoEntry: false })?.isFile());
  return found === undefined ? undefined : pathToFileURL(found).href;
}
