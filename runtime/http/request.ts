import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { APIError } from '../api/error.ts';
import { DecodeError, decodeOwn, type Field, type MessageCodec, parseJson, TextError } from '../codec/mod.ts';
import type { Exchange } from './exchange.ts';
import { Pieces } from './pieces.ts';
import { hashBody } from './signature.ts';
import { takeBody, unreadable } from './take-body.ts';

/** What of a request its parameters are decoded from. */
export interface Parts {
  method: string;
  pathParams: Record<string, string>;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** The whole body; at once where there is none. @throws APIError when it is larger than `limit` bytes or breaks off */
export function readBody(request: IncomingMessage, limit: number | null): Buffer | Promise<Buffer> {
  const { headers } = request;
  const announced = headers['content-length'];
  // It is as long as one of the two says (RFC 9112, 6.3).
  if (announced === undefined && headers['transfer-encoding'] === undefined) return empty;
  const maximum = limit ?? Number.POSITIVE_INFINITY;
  if (Number(announced ?? 0) > maximum) throw unreadable('length limit exceeded');
  return takeBody(request, maximum) ?? collect(request, maximum);
}

const empty = Buffer.alloc(0);

/**
 * By its events: an iteration costs more than everything else that is done to a small body. Nobody has to take the listeners back,
 * as a request has one body.
 */
function collect(request: IncomingMessage, maximum: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // It would emit nothing any more.
    if (request.destroyed) return reject(unreadable('aborted'));
    let pieces: Pieces | undefined = new Pieces();
    request
      .on('data', (chunk: Buffer) => {
        // What is too much is read on only to be thrown away.
        pieces?.add(chunk);
        if (!pieces || pieces.length <= maximum) return;
        pieces = undefined;
        request.pause();
        reject(unreadable('length limit exceeded'));
      })
      .on('end', () => {
        if (pieces) resolve(pieces.whole());
      })
      .on('close', () => {
        if (!request.readableEnded) reject(unreadable('aborted'));
      });
  });
}

/** The whole body, which is what its signature says it is, where there is one. @throws APIError */
export function readSigned({ request, bodyHash }: Exchange, limit: number | null): Buffer | Promise<Buffer> {
  const body = readBody(request, limit);
  if (bodyHash === undefined) return body;
  return body instanceof Promise ? body.then((read) => checked(read, bodyHash)) : checked(body, bodyHash);
}

function checked(body: Buffer, hash: string): Buffer {
  if (hash !== hashBody(body)) throw APIError.notFound('endpoint not found');
  return body;
}

/** The parameters of a request. @throws APIError `invalid_argument` that says what is wrong and where */
export function decodeRequest(message: MessageCodec, parts: Parts): Record<string, unknown> {
  const { fields, outsideBody, body } = message.encoding(parts.method);
  const json = body ? parseBody(parts.body) : {};
  if (!isRecord(json)) throw malformed('body', 'expected an object');
  for (const field of outsideBody) {
    const value = readField(field, parts);
    if (value !== undefined) json[field.name] = value;
    // What is not where it belongs is not there.
    else if (body && Object.hasOwn(json, field.name)) delete json[field.name];
  }
  try {
    return decodeOwn(message.codec, json) as Record<string, unknown>;
  } catch (error) {
    if (isOverflow(error)) throw malformed('body', 'it is nested too deeply');
    if (!(error instanceof DecodeError)) throw error;
    const name = /^[^.[]*/.exec(error.path)?.[0];
    throw malformed(fields.find((field) => field.name === name)?.in ?? 'body', error.message);
  }
}

/** Codecs go as deep as the value does. */
function isOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message.includes('call stack');
}

/** Whether a request carries something for a field, and be it something wrong. */
export function isGiven(field: Field, { query, headers }: Parts): boolean {
  switch (field.in) {
    case 'query':
      return query.getAll(field.wire).some((text) => text !== '');
    case 'header':
      return Boolean(headers[field.wire]?.length);
    case 'cookie':
      return Boolean(cookieValue(headers.cookie, field.wire));
    default:
      return false;
  }
}

function parseBody(body: Buffer): unknown {
  if (body.length === 0) throw malformed('body', 'the body is empty');
  try {
    return parseJson(body.toString('utf8'));
  } catch (error) {
    throw malformed('body', (error as Error).message);
  }
}

function readField(field: Field, { pathParams, query, headers }: Parts): unknown {
  try {
    switch (field.in) {
      case 'path': {
        const text = pathParams[field.wire];
        return text === undefined ? undefined : field.one(text);
      }
      case 'query': {
        if (field.list) {
          const texts = query.getAll(field.wire);
          // An empty list and no key at all look the same: it is the list where there has to be one.
          return texts.length === 0 && field.optional ? undefined : field.list(texts);
        }
        const text = query.get(field.wire);
        return text === null ? undefined : field.one(text);
      }
      case 'header': {
        const text = headers[field.wire];
        if (text === undefined) return undefined;
        return field.one(Array.isArray(text) ? text.join(', ') : text);
      }
      case 'cookie': {
        const text = cookieValue(headers.cookie, field.wire);
        return text === undefined ? undefined : { value: field.one(text) };
      }
      default:
        return undefined;
    }
  } catch (error) {
    if (!(error instanceof TextError)) throw error;
    if (field.in === 'path') throw APIError.invalidArgument(`path parameter is ${error.message}`);
    throw malformed(field.in, `${field.wire}: ${error.message}`);
  }
}

function cookieValue(header: string | undefined, name: string): string | undefined {
  for (const pair of header?.split(';') ?? []) {
    const [key = '', ...rest] = pair.trim().split('=');
    if (key !== name) continue;
    const value = rest.join('=').replace(/^"(.*)"$/, '$1');
    try {
      return decodeURIComponent(value);
    } catch {
      return value;
    }
  }
  return undefined;
}

const places: Record<Field['in'], string> = {
  path: 'path parameters',
  query: 'query string',
  header: 'request headers',
  cookie: 'request cookies',
  body: 'request body',
  status: 'request body',
};

function malformed(place: Field['in'], what: string): APIError {
  return APIError.invalidArgument(`unable to decode ${places[place]}: ${what}`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
