import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type CommentContent, type Graph, renderComment, renderMermaid } from '../../pipeline/mod.ts';
import { chromium, openPage, type Page } from '../support/browser.ts';
import { githubPage } from '../support/github-page.ts';
import * as built from '../support/graph.ts';
import { deployed, toldStories } from '../support/told.ts';

const directory = mkdtempSync(join(tmpdir(), 'fairlead-comment-'));
let stories: Record<string, CommentContent>;
beforeAll(async () => {
  stories = await toldStories();
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Of what people see in all states together. */
const diagrams = { first: 1, changed: 2 };

if (!chromium && process.env.CI) throw new Error('CI has no Chromium');

(chromium ? describe : describe.skip)('comments in a browser', () => {
  test.each(['light', 'dark'] as const)('%s: diagrams are drawn, nothing is wider than the page', async (scheme) => {
    const all = Object.values(stories).map(renderComment);
    await shown(all.join('\n\n---\n\n'), scheme, async (page) => {
      expect(await page.evaluate('drawn')).toEqual({ diagrams: diagrams.first + diagrams.changed, failures: [] });
      expect(await page.evaluate(tooWide)).toEqual([]);
      expect(page.complaints).toEqual([]);
    });
  });

  test('a diagram of hostile names is drawn, with each name as it is', async () => {
    const names = [
      'a"]; click service0 "javascript:x" --> <b>`',
      '1. one',
      '- dash',
      '%%{init: {}}%%',
      'end',
      'subgraph x',
      '<img src=x onerror=alert(1)>',
      '#35;',
      '"]:::new',
      '**b** _i_',
      'x'.repeat(300),
      '\u202eright',
      'عربى 日本 🙂',
    ];
    const graph = built.graph({
      services: names.map((name) => built.service(name)),
      uses: names.map((name) => built.use(names[0]!, { kind: 'endpoint', service: name, name }, ['call'])),
    });
    const whole = `\`\`\`mermaid\n${renderMermaid(graph)}\n\`\`\``;
    const comment = renderComment(deployed(graph, built.graph()));
    await shown(`${whole}\n\n${comment}`, 'light', async (page) => {
      expect(await page.evaluate('drawn')).toEqual({ diagrams: 3, failures: [] });
      expect(await page.evaluate(tooWide)).toEqual([]);
      const labels = (await page.evaluate(
        `[...document.querySelector('.mermaid').querySelectorAll('.node')].map((node) => node.textContent.trim())`,
      )) as string[];
      const expected = names.map((name) => {
        const shownName = name.replace('\u202e', '\\u{202e}');
        return [...shownName].length > 40 ? `${[...shownName].slice(0, 39).join('')}…` : shownName;
      });
      expect(labels.map((label) => label.replace(/\s+/g, ' ')).sort()).toEqual(expected.sort());
      expect(await page.evaluate(`document.querySelectorAll('.mermaid img, .mermaid a, .mermaid b').length`)).toBe(0);
      expect(page.complaints).toEqual([]);
    });
  });

  test('the largest picture of changes is drawn', async () => {
    const services = Array.from({ length: 30 }, (_, index) => built.service(`service-${index}`));
    const uses = services.map(({ name }, index) => {
      const resource = { kind: 'endpoint' as const, service: `service-${(index + 7) % 30}`, name: 'do' };
      return built.use(name, resource, ['call']);
    });
    const before: Graph = built.graph({ services, uses: [] });
    const markdown = renderComment(deployed({ ...before, uses }, before));
    await shown(markdown, 'light', async (page) => {
      expect(await page.evaluate('drawn')).toEqual({ diagrams: 2, failures: [] });
    });
  });
});

/** What of a comment reaches beyond it; tables may scroll by themselves. */
const tooWide = `[...document.querySelectorAll('article *')]
  .filter((one) => !one.closest('table, pre, svg') && one.getBoundingClientRect().right > 777)
  .map((one) => one.outerHTML.slice(0, 100))`;

async function shown(markdown: string, scheme: 'light' | 'dark', look: (page: Page) => Promise<void>): Promise<void> {
  const file = join(directory, 'page.html');
  writeFileSync(file, githubPage(markdown, scheme, { open: true }));
  const page = await openPage(chromium!, file);
  try {
    await look(page);
  } finally {
    await page.close();
  }
}
