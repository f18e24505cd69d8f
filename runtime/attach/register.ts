/**
 * Loaded before anything else in a process that is attached to an application (`--import`): lets `encore.dev/…` be this runtime, whatever
 * the application has installed under that name, and `~encore/…` the generated modules; and has the runners of tests do the same.
 */
import { readFileSync } from 'node:fs';
import module from 'node:module';
import type { Attachment } from '../wire.ts';
import { type Resolution, resolution } from './resolution.ts';
import { runnerLoad, runnerResolve } from './runners.ts';

const path = process.env.FAIRLEAD_ATTACHED;
if (path) attach(path);

function attach(path: string): void {
  if (typeof module.registerHooks !== 'function') {
    process.stderr.write(
      `error: Node.js ${process.versions.node} cannot load parts of an application by itself: this takes 22.15 or newer.\n`,
    );
    return;
  }
  const { root } = JSON.parse(readFileSync(path, 'utf8')) as Attachment;
  const known = resolution(root);
  module.registerHooks({
    resolve(specifier, context, nextResolve) {
      const stands = standsFor(known, specifier);
      if (stands !== undefined) return { url: stands, shortCircuit: true };
      const resolved = resolveSource(known, specifier, context, nextResolve);
      return runnerResolve(specifier, context.parentURL, resolved);
    },
    load: (url, context, nextLoad) => runnerLoad(url, () => nextLoad(url, context)) as ReturnType<typeof nextLoad>,
  });
}

function standsFor(known: Resolution, specifier: string): string | undefined {
  return known.runtime.get(specifier) ?? known.generated(specifier);
}

type ResolveHook = NonNullable<Parameters<typeof module.registerHooks>[0]['resolve']>;
type NextResolve = Parameters<ResolveHook>[2];

/** Sources are written for a bundler: without endings, and with `.js` for what is TypeScript. Node itself wants the file. */
function resolveSource(
  known: Resolution,
  specifier: string,
  context: Parameters<ResolveHook>[1],
  nextResolve: NextResolve,
): ReturnType<ResolveHook> {
  try {
    return nextResolve(specifier, context);
  } catch (error) {
    const source = known.source(specifier, context.parentURL);
    if (source === undefined) throw error;
    return nextResolve(source, context);
  }
}
