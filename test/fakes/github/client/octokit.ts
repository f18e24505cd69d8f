import { Octokit } from '@octokit/core';
import { restEndpointMethods } from '@octokit/plugin-rest-endpoint-methods';
import type { FakeGitHub } from '../fake.ts';
import type { Permissions } from '../model/tokens.ts';

const Client = Octokit.plugin(restEndpointMethods);

/** GitHub's own client, in process, with a token for `ada/shop` that has these permissions. */
export function client(github: FakeGitHub, permissions: Permissions, login?: string) {
  const token = github.world.tokens.issue({ repository: 'ada/shop', permissions, ...(login && { login }) });
  return new Client({ auth: token.value, request: { fetch: github.fetch } }).rest;
}

export const shopPath = { owner: 'ada', repo: 'shop' };
