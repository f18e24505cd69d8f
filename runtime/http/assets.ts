import { readFileSync, statSync } from 'node:fs';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import send from 'send';
import { APIError, ErrCode } from '../api/error.ts';
import type { AssetIndex, ManifestAssets } from '../wire.ts';
import { errorBody } from './error-body.ts';

/** The files of a program that may be served, by their path relative to it: what is not listed is not there. */
type Files = ReadonlyMap<string, string>;

/** One index per program; there is one program in a process. */
const indexes = new Map<string, Files>();

/** What keeps a request from being answered by the file itself, rather than that the file is not there. */
const refusals: Record<number, () => APIError> = {
  412: () => new APIError(ErrCode.FailedPrecondition, 'precondition failed'),
  416: () => new APIError(ErrCode.OutOfRange, 'range not satisfiable'),
};

/**
 * Answers a GET or HEAD request with a file: conditional requests and ranges included. Resolves when the response has ended,
 * also when the client has gone.
 * @param base the directory of the program
 * @param subpath what the path's last parameter stands for, decoded once; undefined for a path without one
 * @throws APIError `not_found` when there is neither the file nor one that answers in its stead
 */
export async function serveAssets(
  { directory, notFound, headers }: ManifestAssets,
  base: string,
  subpath: string | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const files = indexOf(base);
  if (!('cache-control' in headers)) response.setHeader('cache-control', 'no-cache');
  for (const [name, values] of Object.entries(headers)) addHeader(response, name, values);
  const path = subpath ? `${directory}/${subpath}` : `${directory}/`;
  const file = path.endsWith('/') ? `${path}index.html` : path;
  if (files.has(file)) return sendFile({ file, base, files, status: 200 }, request, response);
  if (files.has(`${path}/index.html`)) return redirect(path, request, response);
  if (notFound) return sendFile({ ...notFound, base, files }, request, response);
  withoutContent(response);
  throw APIError.notFound('file not found');
}

function indexOf(base: string): Files {
  const known = indexes.get(base);
  if (known) return known;
  const index = JSON.parse(readFileSync(join(base, 'assets.json'), 'utf8')) as AssetIndex;
  const files = new Map(Object.entries(index.files));
  indexes.set(base, files);
  return files;
}

/** `vary` may have been said before, for another reason. */
function addHeader(response: ServerResponse, name: string, values: string[]): void {
  if (name === 'vary') for (const value of values) response.appendHeader(name, value);
  else response.setHeader(name, values.length === 1 ? values[0]! : values);
}

interface Sent {
  file: string;
  base: string;
  files: Files;
  status: number;
}

function sendFile(
  { file, base, files, status }: Sent,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (response.closed) return Promise.resolve();
  const successful = status >= 200 && status < 300;
  // Conditions and ranges are of the file that was asked for, and this one says that there is none (RFC 9110, 13.2.1).
  // One by a time that the file does not have is to be ignored (RFC 9110, 13.1.4).
  const { 'if-unmodified-since': _, ...headers } = request.headers;
  const asked = {
    method: request.method,
    headers: successful ? wholeIfShort(headers, join(base, file)) : {},
  } as IncomingMessage;
  response.statusCode = status;
  return new Promise((resolve, reject) => {
    response.once('close', resolve);
    const fail = (error: Error) => {
      withoutContent(response);
      if (!response.headersSent) response.removeHeader('content-range');
      reject(error);
    };
    send(asked, file.split('/').map(encodeURIComponent).join('/'), {
      root: base,
      dotfiles: 'allow',
      index: false,
      // Times in images say nothing: the content decides.
      lastModified: false,
      cacheControl: false,
      etag: false,
      acceptRanges: successful,
    })
      .on('headers', () => {
        if (successful && !response.hasHeader('etag')) response.setHeader('etag', `"${files.get(file)}"`);
      })
      .on('directory', () => fail(missing(file)))
      .on('error', (error: Error & { status?: number }) => {
        const refusal = response.headersSent ? undefined : refusals[error.status ?? 0]?.();
        if (refusal) refuse(response, error.status!, refusal);
        else fail(error.status === 404 ? missing(file) : error);
      })
      .pipe(response);
  });
}

/** A file that is shorter than the end of it that is asked for is sent whole (RFC 9110, 14.1.2). */
function wholeIfShort(headers: IncomingHttpHeaders, file: string): IncomingHttpHeaders {
  const [, length] = /^ *bytes=-(\d+) *$/.exec(headers.range ?? '') ?? [];
  const size = length === undefined ? undefined : statSync(file, { throwIfNoEntry: false })?.size;
  if (size === undefined || Number(length) <= size) return headers;
  const { range: _, ...others } = headers;
  return size === 0 ? others : { ...others, range: 'bytes=0-' };
}

/** Relative links in the index of a directory need the slash. Nothing but the last segment is said: it cannot lead elsewhere. */
function redirect(path: string, request: IncomingMessage, response: ServerResponse): void {
  const [, query] = /^[^?]*(\?.*)$/s.exec(request.url ?? '') ?? [];
  withoutContent(response);
  response.statusCode = 307;
  response.setHeader('location', `./${encodeURIComponent(path.slice(path.lastIndexOf('/') + 1))}/${query ?? ''}`);
  response.end();
}

function refuse(response: ServerResponse, status: number, error: APIError): void {
  withoutContent(response);
  response.statusCode = status;
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(errorBody(error, 'external')));
}

/** Headers that are given for the files, and wrong for what is sent instead of one. */
function withoutContent(response: ServerResponse): void {
  if (response.headersSent) return;
  for (const name of ['type', 'encoding', 'language', 'disposition', 'length'])
    response.removeHeader(`content-${name}`);
  response.removeHeader('etag');
}

function missing(file: string): Error {
  return new Error(`the file ${file} is listed among the static assets and is not there`);
}
