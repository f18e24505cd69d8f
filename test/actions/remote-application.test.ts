import { expect, test } from '@jest/globals';
import { remoteApplication } from '../../actions/remote-application.ts';
import type { Runner } from '../../actions/runner.ts';

test('knows the name of an application whose configuration is wrong, and says what is wrong when that is asked for', async () => {
  const files: Record<string, string> = {
    'apps/shop/package.json': '{}',
    'apps/shop/fairlead.json': '{ "name": "shop", "target": "moon" }',
  };
  const runner = {
    run: { repository: { owner: 'ada', name: 'mono', id: 1 } },
    api: apiWith(files),
  } as unknown as Runner;
  const { name, config } = await remoteApplication('a'.repeat(40), 'apps/shop', runner);
  expect(name).toBe('shop');
  expect(config).toThrow('target');
});

function apiWith(files: Record<string, string>) {
  const getContent = async ({ path }: { path: string }) => {
    const text = files[path];
    if (text === undefined) throw Object.assign(new Error('Not Found'), { status: 404 });
    return { data: { type: 'file', content: Buffer.from(text).toString('base64') } };
  };
  return { rest: { repos: { getContent } } };
}
