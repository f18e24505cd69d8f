import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from './manifest.ts';

/** Packages that find the add-on of who calls them. */
export const addOnLoaders: ReadonlySet<string> = new Set([
  'bindings',
  'node-gyp-build',
  'node-gyp-build-optional-packages',
  '@mapbox/node-pre-gyp',
  'node-pre-gyp',
  'pkg-prebuilds',
  '@neon-rs/load',
]);

const platformName =
  /[-_/](linux|linuxmusl|darwin|win32|windows|freebsd|android)[-_]?(x64|arm64|arm|ia32|riscv64|s390x|ppc64|64|universal|x86_64|aarch64)/;

/** Of the names of packages, those that say which platform they are for: `@img/sharp-linux-x64`. */
export function platformPackages(names: readonly string[]): string[] {
  return names.filter((name) => platformName.test(name));
}

/** Whether a package brings something compiled, or lets it be brought. */
export function isNative(directory: string, manifest: Manifest | undefined): boolean {
  if (manifest?.native || platformPackages(manifest?.optionalDependencies ?? []).length > 0) return true;
  return existsSync(join(directory, 'binding.gyp')) || existsSync(join(directory, 'prebuilds'));
}
