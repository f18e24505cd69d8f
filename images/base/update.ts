import { baseError, unusable } from './errors.ts';
import { type Lock, lockFile } from './lock.ts';
import { defaultBase, parseBaseName, renderBaseName } from './name.ts';
import { type BaseSource, readBase } from './resolve.ts';

export interface UpdateInput extends BaseSource {
  lock: Lock | undefined;
  /** What the application itself asks for; it wins over the lock. */
  config: { base?: string | undefined };
  /** The image to follow from now on. @default the one that is followed */
  base?: string | undefined;
}

export interface BaseUpdate {
  /** What was locked before, if anything was. */
  before?: Lock['base'];
  /** What to write. */
  lock: Lock;
  moved: boolean;
}

/**
 * Asks the registry what the tag means now, and whether that can be built on. Writes nothing. Undefined when the
 * application names a digest itself, so that there is nothing to follow.
 * @throws UserError FL2506 when `base` is not one to follow, and those of `resolveBase`
 */
export async function updateBase({ lock, config, base, ...source }: UpdateInput): Promise<BaseUpdate | undefined> {
  if (base !== undefined) checkChoice(base, config.base);
  const { digest: fixed, ...name } = parseBaseName(base ?? config.base ?? lock?.base.image ?? defaultBase);
  if (fixed !== undefined) return undefined;
  const image = renderBaseName(name);
  const registry = await source.open(name.registry);
  const found = await registry.repository(name.name).manifest(name.tag, { signal: source.signal });
  if (!found) throw unusable(image, 'there is no such image');
  const { digest } = await readBase({ ...name, digest: found.descriptor.digest }, source);
  const next: Lock = { version: 1, base: { image, digest } };
  const moved = lock?.base.image !== image || lock.base.digest !== digest;
  return { ...(lock && { before: lock.base }), lock: next, moved };
}

function checkChoice(base: string, configured: string | undefined): void {
  const name = parseBaseName(base);
  if (name.digest !== undefined)
    throw baseError(
      'FL2506',
      `${base} has a digest, so that there is nothing to update`,
      `Name a tag to be followed, or write this name into \`build.base\` of fairlead.json, which needs no ${lockFile} then.`,
    );
  if (configured === undefined || renderBaseName(parseBaseName(configured)) === renderBaseName(name)) return;
  throw baseError(
    'FL2506',
    `the application itself names another base image, ${configured}`,
    'Change `build.base` of fairlead.json (or `build.docker.base_image` of encore.app), and leave --base out.',
  );
}
