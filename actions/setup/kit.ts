import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hookEnvironment } from '../../images/hook-environment.ts';
import { type Reporter, UserError } from '../../pipeline/mod.ts';
import type { Kit, Run } from '../runner.ts';
import { stateDirectoryOf } from '../state-directory.ts';
import { findNpm } from './find-npm.ts';
import { homeOf, isPassing, settle } from './home.ts';
import { lockSubset, type PackageLock } from './lock-subset.ts';
import { type Need, packages } from './needs.ts';
import { verifyContent } from './verify-content.ts';

interface KitOptions {
  run: Run;
  env: Readonly<Record<string, string | undefined>>;
  report: Reporter;
}

/** The kit that this code is of. */
const root = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Installs what is not bundled beside the kit. A cache holds only tarballs, and only those that the kit's lock names by their digest
 * are taken from it. See docs/adr/0018-actions-and-dist.md.
 */
export function openKit({ run, env, report }: KitOptions): Kit {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as PackageLock;
  const cacheDirectory = join(run.temp, 'fairlead-npm');
  const content = join(cacheDirectory, '_cacache', 'content-v2');
  return {
    async install(need, options) {
      if (need !== 'local' || !isPassing(root)) return install(need, options);
      const home = homeOf(root, stateDirectoryOf(env));
      if (existsSync(home)) return 'present';
      const how = await install(need, options);
      settle(root, home);
      return how;
    },
  };

  async function install(need: Need, { cache }: { cache: boolean }): Promise<'present' | 'restored' | 'installed'> {
    const name = packages[need];
    const subset = lockSubset(lock, name);
    if (installedVersion(name) === subset.lock.packages[`node_modules/${name}`]?.version) return 'present';
    const key = keyOf(need, subset.lock);
    const restored = cache && (await restore(content, key, report));
    if (restored) await discardForeign(content, subset.lock, report);
    const staging = join(run.temp, `fairlead-packages-${randomUUID()}`);
    try {
      mkdirSync(staging, { recursive: true });
      writeFileSync(join(staging, 'package.json'), JSON.stringify(subset.manifest));
      writeFileSync(join(staging, 'package-lock.json'), JSON.stringify(subset.lock));
      await npmCi(staging, { need, cacheDirectory, env });
      moveInto(join(root, 'node_modules'), join(staging, 'node_modules'));
    } finally {
      rmSync(staging, { recursive: true, force: true });
    }
    if (cache && !restored) await save(content, key, report);
    return restored ? 'restored' : 'installed';
  }
}

function installedVersion(name: string): string | undefined {
  try {
    return JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')).version;
  } catch {
    // Not there, or not whole: it is installed again.
    return undefined;
  }
}

function keyOf(need: Need, lock: PackageLock): string {
  const digest = createHash('sha256').update(JSON.stringify(lock)).digest('hex').slice(0, 16);
  return ['fairlead', need, process.platform, process.arch, `node${process.versions.node.split('.')[0]}`, digest].join(
    '-',
  );
}

/** A cache that does not work is none. */
async function restore(content: string, key: string, report: Reporter): Promise<boolean> {
  try {
    const { isFeatureAvailable, restoreCache } = await import('@actions/cache');
    return isFeatureAvailable() && (await restoreCache([content], key)) !== undefined;
  } catch (error) {
    report.info(`The cache cannot be read: ${(error as Error).message}`);
    return false;
  }
}

async function save(content: string, key: string, report: Reporter): Promise<void> {
  try {
    const { isFeatureAvailable, saveCache } = await import('@actions/cache');
    if (isFeatureAvailable()) await saveCache([content], key);
  } catch (error) {
    report.info(`The cache cannot be written: ${(error as Error).message}`);
  }
}

async function discardForeign(content: string, { packages }: PackageLock, report: Reporter): Promise<void> {
  const integrities = Object.values(packages).flatMap(({ integrity }) => integrity ?? []);
  const { removed } = await verifyContent(content, integrities);
  if (removed > 0)
    report.warn(`${removed} files of the cache are not what the kit's lock names, and were thrown away.`);
}

interface Npm {
  need: Need;
  cacheDirectory: string;
  env: KitOptions['env'];
}

async function npmCi(directory: string, { need, cacheDirectory, env }: Npm): Promise<void> {
  const npm = findNpm(env);
  // PostgreSQL's package makes links in its script, which a tarball cannot hold. No other runs anything.
  const scripts = need === 'local' ? [] : ['--ignore-scripts'];
  const args = [
    npm,
    'ci',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    '--prefer-offline',
    '--fetch-retry-mintimeout=1000',
    '--fetch-retry-maxtimeout=5000',
    '--cache',
    cacheDirectory,
    ...scripts,
  ];
  const path = [dirname(process.execPath), env.PATH].join(delimiter);
  const child = spawn(process.execPath, args, {
    cwd: directory,
    // Nothing of the job's rights.
    env: { ...hookEnvironment(env), PATH: path },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (code === 0) return;
  throw new UserError({
    code: 'FL6037',
    severity: 'error',
    message: `${packages[need]} cannot be installed: npm ended with ${code}${said === '' ? '' : `: ${said.trim().slice(-2000)}`}`,
    help: 'Run the job again. A runner without a way to the registry of npm needs a mirror, named in NPM_CONFIG_REGISTRY or .npmrc.',
  });
}

/** What is there already stays: it is of another need, or of the kit's own installation. */
function moveInto(to: string, from: string): void {
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (entry.name.startsWith('.')) continue;
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    mkdirSync(dirname(target), { recursive: true });
    if (entry.name.startsWith('@')) moveInto(target, source);
    else if (!existsSync(join(target, 'package.json'))) {
      rmSync(target, { recursive: true, force: true });
      renameSync(source, target);
    }
  }
}
