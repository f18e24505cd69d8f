import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { analyze } from '../../analyzer/mod.ts';
import { withApplication } from './application.ts';

const application = `-- web/site.ts --
import { api } from 'encore.dev/api';
export const site = api.static({ path: '/!path', dir: './public', notFound: './missing.html' });
`;

let outside: string;

beforeEach(() => {
  outside = mkdtempSync(join(tmpdir(), 'fairlead-outside-'));
  writeFileSync(join(outside, 'page.html'), '');
});

afterEach(() => rmSync(outside, { recursive: true }));

/** What is wrong, with and without a former analysis, after each step. */
const codesAfter = (...steps: ((root: string) => void)[]) =>
  withApplication(application, async (root) => {
    const found: string[] = [];
    for (const step of steps) {
      step(root);
      const fresh = await analyze({ root });
      const kept = await analyze({ root, cache: join(outside, 'cache') });
      expect(kept.diagnostics).toEqual(fresh.diagnostics);
      found.push(fresh.diagnostics.map(({ code, position }) => `${code}:${position?.column}`).join(' '));
    }
    return found;
  });

const place = (root: string): void => {
  mkdirSync(join(root, 'files/public'), { recursive: true });
  writeFileSync(join(root, 'files/missing.html'), '');
};

test('the files may be links within the application', async () => {
  const link = (root: string) => {
    place(root);
    symlinkSync(join(root, 'files/public'), join(root, 'web/public'));
    symlinkSync('../files/missing.html', join(root, 'web/missing.html'));
  };
  expect(await codesAfter(link)).toEqual(['']);
});

test('but none out of it: what they lead to is in no image', async () => {
  const link = (root: string) => {
    symlinkSync(outside, join(root, 'web/public'));
    symlinkSync(join(outside, 'page.html'), join(root, 'web/missing.html'));
  };
  expect(await codesAfter(link)).toEqual(['FL1321:55 FL1321:77']);
});

test('an analysis that is kept notices when they come and go', async () => {
  const appear = (root: string) => {
    mkdirSync(join(root, 'web/public'));
    writeFileSync(join(root, 'web/missing.html'), '');
  };
  const vanish = (root: string) => rmSync(join(root, 'web/public'), { recursive: true });
  expect(await codesAfter(() => {}, appear, vanish)).toEqual(['FL1321:55 FL1321:77', '', 'FL1321:55']);
});
