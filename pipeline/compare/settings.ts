import type { AppSettings, Graph, Hook } from '../../analyzer/mod.ts';
import type { Item } from './items.ts';

/** The settings by their names in `encore.app`. */
const settings: Record<string, (settings: AppSettings) => boolean | string | string[] | Hook | undefined> = {
  'build.docker.base_image': ({ docker }) => docker?.baseImage,
  'build.docker.bundle_source': ({ docker }) => docker?.bundleSource,
  'build.docker.process_per_service': ({ docker }) => docker?.processPerService,
  'build.docker.working_dir': ({ docker }) => docker?.workingDirectory,
  'build.hooks.postbuild': ({ hooks }) => hooks?.postbuild,
  'build.hooks.prebuild': ({ hooks }) => hooks?.prebuild,
  'build.worker_pooling': ({ workerPooling }) => workerPooling,
  'global_cors.allow_headers': ({ cors }) => cors?.allowHeaders,
  'global_cors.allow_origins_with_credentials': ({ cors }) => cors?.allowOriginsWithCredentials,
  'global_cors.allow_origins_without_credentials': ({ cors }) => cors?.allowOriginsWithoutCredentials,
  'global_cors.debug': ({ cors }) => cors?.debug,
  'global_cors.expose_headers': ({ cors }) => cors?.exposeHeaders,
  log_level: ({ logLevel }) => logLevel,
};

/** A setting as it may be shown, and what must not be: the environment of a hook may hold a password. */
interface Setting {
  shown: string;
  hidden: string;
}

export function settingItems(graph: Graph): Item<Setting>[] {
  return Object.entries(settings).flatMap(([subject, read]) => {
    const found = read(graph.settings);
    if (found === undefined) return [];
    const value = settingOf(found);
    const label = `setting ${subject}`;
    const [added, removed] = [`${label} is set to ${value.shown}`, `${label} goes back to its default`];
    return [{ subject, value, position: undefined, label, added, removed }];
  });
}

export function settingDifferences(before: Setting, after: Setting): string[] {
  if (before.shown !== after.shown) return [`becomes ${after.shown} instead of ${before.shown}`];
  return before.hidden === after.hidden ? [] : ['changes its environment variables'];
}

function settingOf(value: boolean | string | string[] | Hook): Setting {
  if (Array.isArray(value)) return { shown: value.length > 0 ? value.join(', ') : 'nothing', hidden: '' };
  if (typeof value !== 'object') return { shown: String(value), hidden: '' };
  return { shown: value.command, hidden: JSON.stringify(Object.entries(value.env).sort()) };
}
