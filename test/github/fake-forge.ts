import { createApi } from '../../github/api.ts';
import { createGitHubForge, type ForgeOptions } from '../../github/forge.ts';
import type { Forge } from '../../pipeline/mod.ts';
import { type FakeGitHub, fakeGitHub } from '../fakes/github/fake.ts';
import type { VirtualClock } from '../fakes/github/model/clock.ts';
import type { Repository } from '../fakes/github/model/repository.ts';
import type { Permissions } from '../fakes/github/model/tokens.ts';

export interface Fixture {
  fake: FakeGitHub<VirtualClock>;
  repository: Repository;
  /** What was said on the way. */
  said: string[];
  api(permissions?: Permissions, options?: ApiSettings): ReturnType<typeof createApi>;
  forge(options?: Partial<ForgeOptions> & { permissions?: Permissions }): Forge;
  /** Methods and paths that were asked for since this was last called. */
  calls(): string[];
}

export type ApiSettings = Partial<Parameters<typeof createApi>[0]> & { login?: string };

/** What `actions` grant to the job that deploys. */
export const deploying: Permissions = { contents: 'read', deployments: 'write', 'pull-requests': 'write' };

/** A private repository `ada/shop` on a fake GitHub, and clients of it whose seconds are a millisecond long. */
export function fixture(options: { start?: string } = {}): Fixture {
  const fake = fakeGitHub(options);
  const repository = fake.world.createRepository('ada/shop');
  const said: string[] = [];
  const report = { info: (text: string) => void said.push(text), warn: (text: string) => void said.push(text) };
  const api: Fixture['api'] = (permissions = deploying, { login, ...settings } = {}) => {
    const { value } = fake.world.tokens.issue({ repository: 'ada/shop', permissions, ...(login && { login }) });
    return createApi({
      ...{ token: value, baseUrl: fake.urls.api, fetch: fake.fetch, report, second: 1 },
      ...settings,
    });
  };
  let seen = 0;
  return {
    fake,
    repository,
    said,
    api,
    forge: ({ permissions, ...settings } = {}) =>
      createGitHubForge({
        ...{ api: api(permissions), owner: 'ada', repo: 'shop', commit: repository.branches.get('main')!, report },
        logUrl: 'https://github.com/ada/shop/actions/runs/7/attempts/1',
        pause: async () => {},
        ...settings,
      }),
    calls: () => {
      const calls = fake.log.slice(seen).map(({ method, path }) => `${method} ${path}`);
      seen = fake.log.length;
      return calls;
    },
  };
}
