import { join } from 'node:path';
import { type BaseUpdate, type Lock, lockFile, readLock, updateBase, writeLock } from '../../images/base/mod.ts';
import { readBuildSettings } from '../../images/encore-app.ts';
import { openSources } from '../../images/registries/mod.ts';
import { parseConfig, shortDigest } from '../../pipeline/mod.ts';
import { applicationName, readText } from '../application.ts';
import type { Context, Result } from '../context.ts';

interface UpdateOptions {
  /** The base image to follow from now on. */
  base?: string;
  /** Write nothing; whether there is something to write makes the exit code 1. */
  check?: boolean;
}

/** Moves the lock of the base image to what its tag means now. */
export async function update(context: Context, { base, check = false }: UpdateOptions): Promise<Result> {
  const { directory, cacheDirectory, report, interruption } = context;
  applicationName(directory);
  const { build } = parseConfig(readText(directory, 'fairlead.json') ?? '{}', 'fairlead.json');
  const configured = build.base ?? (await readBuildSettings(directory)).baseImage;
  const lock = await readLock(directory);
  const registries = openSources({ env: process.env });
  try {
    const found = await report.step('Ask for the base image', () =>
      updateBase({
        ...{ lock, base, config: { base: configured }, platforms: build.platforms },
        open: registries.open,
        cache: cacheDirectory && join(cacheDirectory, 'base'),
        signal: interruption.signal,
      }),
    );
    if (!found) return fixed(configured!);
    if (found.moved && !check) await writeLock(directory, found.lock);
    return resultOf(found, check);
  } finally {
    await registries.close();
  }
}

function fixed(image: string): Result {
  return {
    document: { image, moved: false },
    text: `The application names the digest of its base image itself, ${image}. There is nothing to update.`,
  };
}

function resultOf({ before, lock, moved }: BaseUpdate, check: boolean): Result {
  return {
    document: {
      file: lockFile,
      image: lock.base.image,
      from: before ?? null,
      to: lock.base,
      moved,
      written: moved && !check,
    },
    text: sentence(before, lock.base, moved, check),
    exitCode: check && moved ? 1 : 0,
  };
}

function sentence(
  before: Lock['base'] | undefined,
  { image, digest }: Lock['base'],
  moved: boolean,
  check: boolean,
): string {
  const to = shortDigest(digest);
  if (!moved) return `${image} is current: ${to}.`;
  const what = before?.image === image ? image : before ? `The base image, ${before.image},` : image;
  const from = before && `from ${shortDigest(before.digest)}`;
  const target = before && before.image !== image ? `${image}, ${to}` : to;
  if (check) return before ? `${what} would move ${from} to ${target}.` : `${image} would be pinned at ${to}.`;
  return `${before ? `${what} moved ${from} to ${target}` : `${image} is pinned at ${to}`}. Commit ${lockFile}.`;
}
