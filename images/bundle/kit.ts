import { posix } from 'node:path';
import type { OnResolveResult, Plugin } from 'esbuild';
import type { RuntimeLayer } from './runtime-layer.ts';

export interface KitOptions {
  /** The application's directory, without symbolic links in it. */
  root: string;
  layer: Pick<RuntimeLayer, 'modules'>;
  /** What `~encore/…` stands for: the files of `encore.gen`, with paths relative to the root. */
  generated: { path: string; text: string }[];
}

/**
 * Imported before all else by an entry of a process with several workers: what comes after it is loaded by the workers, and not by the
 * process that leads them.
 */
export const workersModule = 'fairlead:workers';

/** Resolves `encore.dev/…` to the kit's own runtime, whatever is installed, and `~encore/…` to the generated modules. `current` answers at the start of each build. */
export function kit(current: () => KitOptions): Plugin {
  let texts = new Map<string, string>();
  const find = (path: string): OnResolveResult | undefined => {
    const bare = path.replace(/\.[jt]s$/, '');
    const match = [path, `${bare}.ts`, `${path}/index.ts`].find((candidate) => texts.has(candidate));
    return match === undefined ? undefined : { path: match, namespace: 'generated', sideEffects: false };
  };
  return {
    name: 'fairlead',
    setup({ onStart, onResolve, onLoad }) {
      onStart(() => {
        texts = new Map(current().generated.map(({ path, text }) => [path, text]));
        texts.set(workersModule, `import { workersOnly } from 'encore.dev/internal/start';\nawait workersOnly();\n`);
      });
      onResolve({ filter: /^encore\.dev($|\/)/ }, ({ path }) => {
        if (!current().layer.modules.has(path)) return { errors: [{ text: `Could not resolve "${path}"` }] };
        return { path, namespace: 'runtime', sideEffects: false };
      });
      onLoad({ filter: /./, namespace: 'runtime' }, ({ path }) => ({
        contents: current().layer.modules.get(path)!,
        loader: 'js',
      }));
      onResolve({ filter: /./, namespace: 'runtime' }, ({ path }) => ({ path, external: true }));
      onResolve({ filter: /^fairlead:workers$/ }, () => ({ path: workersModule, namespace: 'generated' }));
      onResolve({ filter: /^~encore\// }, ({ path }) => find(path.replace('~encore', 'encore.gen')));
      onResolve({ filter: /^\./, namespace: 'generated' }, ({ path, importer }) =>
        find(posix.join(posix.dirname(importer), path)),
      );
      onLoad({ filter: /./, namespace: 'generated' }, ({ path }) => ({
        contents: texts.get(path)!,
        loader: 'ts',
        resolveDir: current().root,
      }));
    },
  };
}
