import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { analyze } from '../../analyzer/mod.ts';
import { root } from './pages.ts';

/** The files a page tells to write: a path alone on a line, then a block with the content. */
function filesOf(page: string): { path: string; content: string }[] {
  return [...page.matchAll(/^`([\w./-]+)`\n\n```\w+\n([\s\S]*?)^```/gm)].map(([, path, content]) => ({
    path: path!,
    content: content!,
  }));
}

test('the application of the README is right as it stands there', async () => {
  const files = filesOf(await readFile(join(root, 'README.md'), 'utf8'));
  const directory = await mkdtemp(join(tmpdir(), 'fairlead-readme-'));
  try {
    for (const { path, content } of files) {
      await mkdir(dirname(join(directory, path)), { recursive: true });
      await writeFile(join(directory, path), content);
    }
    const { graph, diagnostics } = await analyze({ root: directory });
    expect(diagnostics).toEqual([]);
    expect(graph?.application).toBe('hello');
    expect(graph?.services.map(({ name }) => name)).toEqual(['counter', 'greeter']);
    expect(graph?.databases.flatMap(({ migrations }) => migrations?.files.map(({ name }) => name))).toEqual([
      'create_visits',
    ]);
  } finally {
    await rm(directory, { recursive: true });
  }
});
