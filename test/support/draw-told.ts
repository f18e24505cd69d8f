import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { renderComment, renderSummary } from '../../pipeline/mod.ts';
import { chromium, openPage } from './browser.ts';
import { githubPage } from './github-page.ts';
import { packed } from './png.ts';
import { summaryStories, toldStories } from './told.ts';

// Draws what people see on a pull request and on the page of a job, as PNG:
// `node test/support/draw-told.ts <directory> [light|dark] [name …]`; `docs/images/comment-*.png` are made by it.
const [directory, scheme = 'light', ...wanted] = process.argv.slice(2);
if (directory === undefined || !chromium) throw new Error('Name a directory, and have Chromium.');
mkdirSync(directory, { recursive: true });
const pages = {
  ...mapped(await toldStories(), (content) => renderComment(content)),
  ...mapped(summaryStories(), (content) => renderSummary(content)),
};
for (const [name, markdown] of Object.entries(pages)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const temporary = mkdtempSync(join(tmpdir(), 'fairlead-told-'));
  const file = join(temporary, 'page.html');
  writeFileSync(file, githubPage(markdown, scheme === 'dark' ? 'dark' : 'light'));
  const page = await openPage(chromium, file);
  await page.evaluate('drawn');
  writeFileSync(join(directory, `comment-${name}.png`), packed(await page.screenshot(800)));
  await page.close();
  rmSync(temporary, { recursive: true, force: true });
}

function mapped<T>(all: Record<string, T>, render: (one: T) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(all).map(([name, one]) => [name, render(one)]));
}
