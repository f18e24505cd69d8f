import { getOctokit } from '@actions/github';
import type { FakeGitHub } from '../fake.ts';
import type { Permissions } from '../model/tokens.ts';

/** GitHub's own client, in process, with a token for `ada/shop` that has these permissions. */
export function client(github: FakeGitHub, permissions: Permissions, login?: string) {
  const token = github.world.tokens.issue({ repository: 'ada/shop', permissions, ...(login && { login }) });
  return getOctokit(token.value, { baseUrl: github.urls.api, request: { fetch: github.fetch } }).rest;
}

export const shopPath = { owner: 'ada', repo: 'shop' };
