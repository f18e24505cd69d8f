import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Attachment } from '../wire.ts';
import { resolution } from './resolution.ts';

type Mapping = [pattern: string, target: string | string[]];

/** As much of what `jest-config` exports as is touched. */
interface JestConfig {
  readConfigs(...args: unknown[]): Promise<{ configs: { moduleNameMapper: Mapping[] }[] }>;
}

/** Adds what lets jest resolve the application's imports to each configuration that is read; its own mappings come first. */
export function attached(original: JestConfig): JestConfig {
  const path = process.env.FAIRLEAD_ATTACHED;
  if (!path) return original;
  const { root } = JSON.parse(readFileSync(path, 'utf8')) as Attachment;
  const added = mappings(root);
  return {
    ...original,
    async readConfigs(...args) {
      const read = await original.readConfigs(...args);
      const configs = read.configs.map((config) => ({
        ...config,
        moduleNameMapper: [...config.moduleNameMapper, ...added],
      }));
      return { ...read, configs };
    },
  };
}

function mappings(root: string): Mapping[] {
  const { runtime } = resolution(root);
  return [
    ...[...runtime].map(([specifier, url]): Mapping => [`^${specifier.replaceAll('.', '\\.')}$`, fileURLToPath(url)]),
    ['^~encore/(.*)$', join(root, 'encore.gen', '$1')],
    // In encore.gen, where `.js` stands for TypeScript.
    ['^((?:\\.\\./){3}.*|\\.\\./internal/clients/.*)\\.js$', ['$1.ts', '$1.tsx', '$1.js']],
  ];
}
