import type { Diagnostic } from '../../pipeline/mod.ts';
import type { BinaryTarget } from './binary.ts';
import type { Manifest } from './manifest.ts';
import { platformPackages } from './native.ts';

/** A package that is carried, with what is compiled in it. */
export interface CarriedPackage {
  directory: string;
  manifest: Manifest | undefined;
  /** What its add-ons run on, as their headers say. */
  targets: readonly BinaryTarget[];
  /** The directories of those of its `optionalDependencies` that are carried too. */
  parts: readonly string[];
  /** Whether it cannot do without something compiled. */
  needsNative: boolean;
}

/** What compiled parts allow. */
export interface Verdict {
  /** Those of the wanted that are possible. */
  platforms: string[];
  diagnostics: Diagnostic[];
}

/** Which of the wanted platforms (`linux/amd64`) everything that is carried can run on, and why none is left if so. */
export function judgePlatforms(packages: readonly CarriedPackage[], wanted: readonly string[]): Verdict {
  const judged = wholes(packages).flatMap(({ owner, parts }) => {
    const has = platformsOf(owner, parts, wanted);
    return has === undefined
      ? []
      : [{ owner, has, possible: wanted.filter((platform) => has.has('any') || has.has(platform)) }];
  });
  const diagnostics = judged.flatMap(({ owner, has, possible }) =>
    possible.length > 0 ? [] : [unfit(owner, has, wanted)],
  );
  const platforms = wanted.filter((platform) => judged.every(({ possible }) => possible.includes(platform)));
  if (diagnostics.length > 0 || platforms.length > 0) return { platforms, diagnostics };
  return {
    platforms,
    diagnostics: [apart(judged.map(({ owner, possible }) => `${nameOf(owner)} for ${possible.join(' and ')}`))],
  };
}

/** A package, and those for single platforms that it chooses among. */
export interface Whole {
  owner: CarriedPackage;
  parts: CarriedPackage[];
}

/** The packages that are no parts of others, each with its own and theirs. */
export function wholes(packages: readonly CarriedPackage[]): Whole[] {
  const all = new Map(packages.map((one) => [one.directory, one]));
  const partsOf = (one: CarriedPackage) =>
    one.parts.flatMap((part) => all.get(part) ?? []).filter(({ manifest }) => isForPlatform(manifest));
  const parts = new Set(packages.flatMap(partsOf));
  return packages
    .filter((one) => !parts.has(one))
    .map((owner) => {
      const members = new Set([owner]);
      for (const member of members) for (const part of partsOf(member)) members.add(part);
      return { owner, parts: [...members].slice(1) };
    });
}

/** `os/architecture` of everything that an owner and its parts bring; undefined for one without compiled parts. */
function platformsOf(
  owner: CarriedPackage,
  parts: readonly CarriedPackage[],
  wanted: readonly string[],
): Set<string> | undefined {
  const has = new Set([...namesOf(owner), ...parts.flatMap((part) => platformsOfPart(part, wanted))]);
  const isExpected = owner.needsNative || platformPackages(owner.manifest?.optionalDependencies ?? []).length > 1;
  return has.size === 0 && !isExpected ? undefined : has;
}

function namesOf({ targets }: CarriedPackage): string[] {
  return targets.flatMap(({ os, architectures }) => architectures.map((architecture) => `${os}/${architecture}`));
}

/** What its files say, or its package.json where none of them is compiled. */
function platformsOfPart(part: CarriedPackage, wanted: readonly string[]): string[] {
  if (isForWasm(part.manifest)) return ['any'];
  const names = namesOf(part);
  return names.length > 0 ? names : wanted.filter((platform) => suits(part.manifest, [platform]));
}

/** Whether it runs wherever Node does. */
export function isForWasm(manifest: Manifest | undefined): boolean {
  return manifest?.cpu?.every((cpu) => cpu.startsWith('wasm')) ?? false;
}

/** Whether a package is for some platforms only, by what its package.json says. */
export function isForPlatform(manifest: Manifest | undefined): boolean {
  return manifest?.os !== undefined || manifest?.cpu !== undefined;
}

/** Whether a package may be of use on one of these platforms. */
export function suits(manifest: Manifest | undefined, platforms: readonly string[]): boolean {
  if (isForWasm(manifest)) return true;
  return platforms.some((platform) => {
    const [os, cpu] = nodeNames(platform);
    return allows(manifest?.os, os) && allows(manifest?.cpu, cpu);
  });
}

/** The rule of npm: names that are allowed, or with `!` those that are not. */
function allows(list: readonly string[] | undefined, name: string): boolean {
  if (list === undefined || list.length === 0 || list.includes('any')) return true;
  return list.every((one) => one.startsWith('!')) ? !list.includes(`!${name}`) : list.includes(name);
}

const systems: Record<string, string> = { windows: 'win32' };
const processors: Record<string, string> = { amd64: 'x64', '386': 'ia32', ppc64le: 'ppc64' };

/** `linux/amd64` in the words of Node: `linux` and `x64`. */
function nodeNames(platform: string): [os: string, cpu: string] {
  const [os = '', architecture = ''] = platform.split('/');
  return [systems[os] ?? os, processors[architecture] ?? architecture];
}

function nameOf({ manifest, directory }: CarriedPackage): string {
  return manifest?.name ?? directory;
}

function unfit(owner: CarriedPackage, has: ReadonlySet<string>, wanted: readonly string[]): Diagnostic {
  const installed = has.size > 0 ? `only for ${[...has].sort().join(', ')}` : 'without its compiled part';
  return {
    code: 'FL2402',
    severity: 'error',
    message: `the native package ${nameOf(owner)} is installed ${installed}, and images are wanted for ${wanted.join(', ')}`,
    help: helpFor(owner, wanted),
  };
}

function helpFor({ manifest }: CarriedPackage, wanted: readonly string[]): string {
  const [os, cpu] = nodeNames(wanted[0] ?? '');
  if (platformPackages(manifest?.optionalDependencies ?? []).length > 0)
    return (
      `Install it for the platform of the image: npm install --os=${os} --cpu=${cpu}${os === 'linux' ? ' --libc=glibc' : ''}, ` +
      '`supportedArchitectures` in pnpm-workspace.yaml or .yarnrc.yml, or bun install --os --cpu.'
    );
  return (
    `Build on ${wanted.join(' or ')}, let the install script of the package run (pnpm approve-builds, bun pm trust, ` +
    'npm rebuild), or set "platforms" in fairlead.json.'
  );
}

function apart(reasons: readonly string[]): Diagnostic {
  return {
    code: 'FL2402',
    severity: 'error',
    message: `no platform is left for the native packages: ${reasons.join('; ')} are installed`,
    help: 'Install all of them for the same platform, such as with npm install --os=linux --cpu=x64.',
  };
}
