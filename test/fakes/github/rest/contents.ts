import { createHash } from 'node:crypto';
import { type Context, type Json, notFound, ok, type Routes } from './answer.ts';

/** https://docs.github.com/en/rest/repos/contents#get-repository-content */
export const contents: Routes = {
  'GET /repos/{owner}/{repo}/contents/{path}': {
    needs: ['contents:read'],
    open: true,
    answer(context) {
      const { repository, params, query, world } = context;
      const ref = query.get('ref') ?? repository.defaultBranch;
      const sha = repository.resolve(ref);
      if (!sha) throw notFound();
      const files = world.files.of(sha);
      const path = params.path!.replace(/\/$/, '');
      const text = files[path];
      if (text !== undefined) {
        const content = `${Buffer.from(text).toString('base64').replace(/.{60}/g, '$&\n')}\n`;
        return ok({ ...entryView('file', path, text, ref, context), encoding: 'base64', content });
      }
      const names = new Set(
        Object.keys(files)
          .filter((one) => one.startsWith(`${path}/`))
          .map((one) => one.slice(path.length + 1).split('/')[0]!),
      );
      if (names.size === 0) throw notFound();
      return ok(
        [...names].sort().map((name) => {
          const inner = files[`${path}/${name}`];
          return entryView(inner === undefined ? 'dir' : 'file', `${path}/${name}`, inner ?? '', ref, context);
        }),
      );
    },
  },
};

function entryView(type: 'file' | 'dir', path: string, text: string, ref: string, { repository, urls }: Context): Json {
  const sha = createHash('sha1')
    .update(`blob ${Buffer.byteLength(text)}\0${text}`)
    .digest('hex');
  const url = `${urls.api}/repos/${repository.fullName}/contents/${path}?ref=${encodeURIComponent(ref)}`;
  const git = `${urls.api}/repos/${repository.fullName}/git/${type === 'file' ? 'blobs' : 'trees'}/${sha}`;
  const html = `${urls.server}/${repository.fullName}/${type === 'file' ? 'blob' : 'tree'}/${encodeURIComponent(ref)}/${path}`;
  return {
    name: path.split('/').at(-1),
    path,
    sha,
    size: Buffer.byteLength(text),
    url,
    html_url: html,
    git_url: git,
    download_url: type === 'file' ? html.replace('/blob/', '/raw/') : null,
    type,
    _links: { self: url, git, html },
  };
}
