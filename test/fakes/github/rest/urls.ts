/** Where the parts of GitHub are. In process these are GitHub's own addresses; over HTTP all are one server's. */
export interface Urls {
  /** The REST API, without a slash at the end. */
  api: string;
  /** The web site. */
  server: string;
  /** The services of artifacts and caches, and their blobs. */
  results: string;
  /** The issuer of OIDC tokens. */
  oidc: string;
  /** Where jobs ask for OIDC tokens. */
  tokens: string;
}

export const githubUrls: Urls = {
  api: 'https://api.github.com',
  server: 'https://github.com',
  results: 'https://results-receiver.actions.githubusercontent.com',
  oidc: 'https://token.actions.githubusercontent.com',
  tokens: 'https://run-actions-1-azure-eastus.actions.githubusercontent.com',
};

/** @param origin such as `http://127.0.0.1:8080` */
export function localUrls(origin: string): Urls {
  return { api: origin, server: 'https://github.com', results: origin, oidc: `${origin}/_oidc`, tokens: origin };
}

export const nodeId = (kind: string, id: number) => `${kind}_${Buffer.from(String(id)).toString('base64url')}`;
