import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { discover } from '../analyzer/discover.ts';
import { Report } from '../analyzer/report.ts';
import { isSource } from '../cli/watch-sources.ts';
import { hashSource } from '../images/bundle/source-hash.ts';

test.each(['node_modules', '.git', 'encore.gen', 'dist', 'coverage'])(
  'what lies in %s is no source to the analyzer, the hash of the sources and the watch',
  async (name) => {
    const root = mkdtempSync(join(tmpdir(), 'fairlead-derived-'));
    try {
      writeFileSync(join(root, 'package.json'), '{}');
      const before = await hashSource(root);
      mkdirSync(join(root, 'a', name), { recursive: true });
      writeFileSync(join(root, 'a', name, 'api.ts'), '');
      expect(discover(root, new Report(root))?.files).toEqual([]);
      expect(await hashSource(root)).toBe(before);
      expect(isSource(join('a', name, 'api.ts'))).toBe(false);
      writeFileSync(join(root, 'a', 'api.ts'), '');
      expect(discover(root, new Report(root))?.files).toEqual([join(root, 'a', 'api.ts')]);
      expect(await hashSource(root)).not.toBe(before);
      expect(isSource(join('a', 'api.ts'))).toBe(true);
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  },
);
