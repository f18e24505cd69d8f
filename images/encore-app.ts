import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEncoreApp } from '../analyzer/encore-app.ts';
import { fieldsOf, type JsonFile, parseJsonFile, placeIn } from '../analyzer/json-file.ts';
import type { AppSettings, Diagnostic, Position } from '../pipeline/mod.ts';
import { isMissing } from './files.ts';

const file = 'encore.app';

/** What `encore.app` says of a build, before anything is analyzed. */
export interface BuildSettings {
  /** Shell commands around the build, and where they stand. */
  hooks: { prebuild?: PlacedHook; postbuild?: PlacedHook };
  /** What images lie on, unless `fairlead.json` says it. */
  baseImage?: string;
  /** What is set there and has no effect: FL2512. */
  warnings: Diagnostic[];
}

export type PlacedHook = NonNullable<NonNullable<AppSettings['hooks']>['prebuild']> & { position: Position };

/**
 * A missing file says nothing. Settings of a wrong type are left out here; the analysis reports them.
 * @throws UserError FL1005 when it is not JSON, or not an object
 */
export async function readBuildSettings(root: string): Promise<BuildSettings> {
  const text = await readText(join(root, file));
  if (text === undefined) return { hooks: {}, warnings: [] };
  const settings = parseEncoreApp(text).settings;
  const { hooks = {}, docker = {} } = settings;
  const json = parseJsonFile(file, text);
  const placed = (name: 'prebuild' | 'postbuild') => {
    const hook = hooks[name];
    return hook && { [name]: { ...hook, position: placeOf(json, ['build', 'hooks', name]) } };
  };
  return {
    hooks: { ...placed('prebuild'), ...placed('postbuild') },
    ...(docker.baseImage !== undefined && { baseImage: docker.baseImage }),
    warnings: ignored.flatMap(({ names, is, help }) => {
      if (!is(settings)) return [];
      const position = placeOf(json, names);
      const message = `\`${names.join('.')}\` of encore.app has no effect`;
      return [{ code: 'FL2512', severity: 'warning', message, help, position } satisfies Diagnostic];
    }),
  };
}

const ignored: { names: string[]; is: (settings: AppSettings) => boolean; help: string }[] = [
  {
    names: ['build', 'docker', 'bundle_source'],
    is: ({ docker }) => docker?.bundleSource ?? false,
    help: 'Images have the bundled code and its source maps. Name packages that read their own files in `build.external` of fairlead.json, or build the service from a Dockerfile.',
  },
  {
    names: ['build', 'docker', 'working_dir'],
    is: ({ docker }) => docker?.workingDirectory !== undefined,
    help: 'The working directory is /app, where the code is. Use paths that are relative to it, or to `import.meta.dirname`.',
  },
  {
    names: ['build', 'docker', 'process_per_service'],
    is: ({ docker }) => docker?.processPerService ?? false,
    help: 'Write `"processes": "per-service"` for the environment in fairlead.json: each service then has an image of its own.',
  },
];

/** The innermost of the names that is there. */
function placeOf(json: JsonFile, names: readonly string[]): Position {
  let at = { object: json.object, place: { offset: 0, length: 0 } };
  for (const name of names) {
    const found = fieldsOf(at.object).get(name);
    if (!found) break;
    at = { object: found.value, place: found.key };
  }
  return placeIn(json, at.place);
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
