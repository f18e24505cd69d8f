import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.ts';

/** A registry that others wrote, on a free loopback port and with a directory of its own. */
export interface TestRegistry {
  /** `127.0.0.1:PORT` */
  host: string;
  stop(): Promise<void>;
}

/** Debian's `docker-registry`; undefined when it is not installed. */
export const dockerRegistry = findProgram(['docker-registry', '--version']);

export async function startDockerRegistry(program: string): Promise<TestRegistry> {
  const directory = mkdtempSync(join(tmpdir(), 'fairlead-registry-'));
  const host = `127.0.0.1:${await freePort()}`;
  const config = {
    version: 0.1,
    log: { level: 'error' },
    storage: { filesystem: { rootdirectory: join(directory, 'data') }, delete: { enabled: true } },
    http: { addr: host },
  };
  writeFileSync(join(directory, 'config.yml'), JSON.stringify(config));
  return running(spawn(program, ['serve', join(directory, 'config.yml')], { stdio: 'ignore' }), host, directory);
}

const version = 'v0.22.1';
const source = `package main

import (
	"flag"
	"io"
	"log"
	"net/http"

	"github.com/google/go-containerregistry/pkg/registry"
)

func main() {
	address := flag.String("address", "", "")
	referrers := flag.Bool("referrers", false, "")
	flag.Parse()
	quiet := registry.Logger(log.New(io.Discard, "", 0))
	log.Fatal(http.ListenAndServe(*address, registry.New(quiet, registry.WithReferrersSupport(*referrers))))
}
`;

/**
 * The registry of go-containerregistry, which `crane registry serve` runs, compiled once for this user. Undefined
 * when there is no Go or its modules cannot be had.
 */
export const goRegistry = buildGoRegistry();

export async function startGoRegistry(program: string, { referrers }: { referrers: boolean }): Promise<TestRegistry> {
  const directory = mkdtempSync(join(tmpdir(), 'fairlead-registry-'));
  const host = `127.0.0.1:${await freePort()}`;
  const args = [`-address=${host}`, `-referrers=${referrers}`];
  return running(spawn(program, args, { stdio: 'ignore', cwd: directory }), host, directory);
}

function buildGoRegistry(): string | undefined {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'fairlead', 'test');
  const program = join(cache, `go-registry-${version}`);
  if (existsSync(program)) return program;
  if (!findProgram(['go', 'version'])) return undefined;
  mkdirSync(cache, { recursive: true });
  const directory = mkdtempSync(join(cache, 'build-'));
  try {
    writeFileSync(join(directory, 'main.go'), source);
    const go = (...args: string[]) =>
      spawnSync('go', args, { cwd: directory, stdio: 'ignore', timeout: 300_000 }).status === 0;
    const module = `github.com/google/go-containerregistry/pkg/registry@${version}`;
    if (!go('mod', 'init', 'fairlead.test/registry') || !go('get', module) || !go('build', '-o', 'registry', '.'))
      return undefined;
    renameSync(join(directory, 'registry'), program);
    return program;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function findProgram([program, ...args]: [string, ...string[]]): string | undefined {
  return spawnSync(program, args, { stdio: 'ignore' }).error ? undefined : program;
}

async function running(child: ChildProcess, host: string, directory: string): Promise<TestRegistry> {
  const ended = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
    rmSync(directory, { recursive: true, force: true });
  };
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (child.exitCode !== null) break;
    const response = await fetch(`http://${host}/v2/`).catch(() => undefined);
    if (response?.ok) return { host, stop };
    await sleep(50);
  }
  await stop();
  throw new Error(`the registry at ${host} did not start`);
}
