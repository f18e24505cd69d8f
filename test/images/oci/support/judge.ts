import { execFileSync, spawnSync } from 'node:child_process';
import { test } from '@jest/globals';

/** Runs a tool that somebody else wrote; its answer when it succeeds. @throws Error with what it says otherwise */
export function judge(...[command, ...args]: [string, ...string[]]): string {
  return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** `test` where the tool is installed; else a test that is skipped, whose name should say what it needs. */
export function testWith(tool: string): typeof test {
  const found = spawnSync(tool, ['--version']).status === 0;
  return (found ? test : test.skip) as typeof test;
}
