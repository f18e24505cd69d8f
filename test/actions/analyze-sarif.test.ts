import { expect, test } from '@jest/globals';
import { leaf } from '../../actions/leaves/analyze/leaf.ts';
import type { Runner } from '../../actions/runner.ts';
import { createApi } from '../../github/api.ts';

test('says how to enable code scanning where it is off', async () => {
  const message = 'Code scanning is not enabled for this repository.';
  const off: typeof fetch = async () =>
    new Response(JSON.stringify({ message }), { status: 403, headers: { 'content-type': 'application/json' } });
  const report = { step: <T>(_: string, work: () => Promise<T>) => work(), info: () => {}, warn: () => {} };
  const runner = {
    run: { repository: { owner: 'ada', name: 'shop', id: 1 }, sha: 'a'.repeat(40), ref: 'refs/heads/main' },
    api: createApi({ token: 'token', baseUrl: 'https://api.github.test', report, fetch: off }),
    checkout: {
      application: async () => ({ name: 'shop', directory: '.' }),
      analyze: async () => ({ diagnostics: [] }),
      sarif: async () => ({ version: '2.1.0', runs: [] }),
    },
    report,
  } as unknown as Runner;
  const inputs = { 'github-token': 'token', directory: '.', strict: false, sarif: true };
  await expect(leaf.run(inputs as never, runner)).rejects.toThrow('FL6110: GitHub: code scanning is off for ada/shop');
});
