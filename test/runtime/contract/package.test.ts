import { globSync, readFileSync } from 'node:fs';
import { STATUS_CODES } from 'node:http';
import { resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { APIError, ErrCode, HttpStatus } from '../../../runtime/api/mod.ts';
import { LogLevel } from '../../../runtime/log/mod.ts';
import { appMeta, currentRequest } from '../../../runtime/mod.ts';
import { Bucket } from '../../../runtime/storage/objects/mod.ts';

// What the contract says of the package and of its values, sentence by sentence.

const runtime = resolve(import.meta.dirname, '../../../runtime');

test('applications import these modules, and there are no others', () => {
  const { exports, type } = JSON.parse(readFileSync(resolve(runtime, 'package.json'), 'utf8'));
  const own = Object.keys(exports).filter((name) => !/^\.\/(internal|wire|package\.json)/.test(name));
  const storage = ['./storage/cache', './storage/objects', './storage/sqldb'];
  const others = ['./metrics', './pubsub', './service', './types', './validate'];
  expect(own.sort()).toEqual(['.', './api', './auth', './config', './cron', './log', ...others, ...storage].sort());
  expect(type).toBe('module');
});

test('these variables of Encore’s in the environment count, and no others', () => {
  const sources = globSync('**/*.ts', { cwd: runtime, exclude: (name) => /^(dist|node_modules)$/.test(name) });
  const named = sources.flatMap(
    (path) => readFileSync(resolve(runtime, path), 'utf8').match(/\bENCORE_[A-Z_]+/g) ?? [],
  );
  expect([...new Set(named)].sort()).toEqual([
    'ENCORE_API_INCLUDE_ERROR_STACK',
    'ENCORE_API_INCLUDE_INTERNAL_MESSAGE',
    'ENCORE_INFRA_CONFIG_PATH',
    'ENCORE_LOG',
    'ENCORE_NOLOG',
  ]);
});

test('HttpStatus has a name for every status of HTTP', () => {
  const { Continue, OK, NotFound, NetworkAuthenticationRequired } = HttpStatus;
  expect([Continue, OK, NotFound, NetworkAuthenticationRequired]).toEqual([100, 200, 404, 511]);
  const known = new Set<number>(Object.values(HttpStatus));
  // 509 is of no standard.
  expect(Object.keys(STATUS_CODES).filter((code) => !known.has(Number(code)) && code !== '509')).toEqual([]);
});

test('levels of the log have their numbers', () => {
  expect(LogLevel).toEqual({ Trace: 1, Debug: 2, Info: 3, Warn: 4, Error: 5 });
});

describe('APIError', () => {
  const codes = Object.values(ErrCode).filter((code) => code !== 'ok');

  test.each(codes)('has a constructor for %s, with a cause', (code) => {
    const name = code.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
    const make = Reflect.get(APIError, name) as (msg: string, cause?: Error) => APIError;
    const [error, cause] = [make('gone'), new Error('why')];
    expect([error instanceof Error, error.code, error.message, error.details]).toEqual([true, code, 'gone', undefined]);
    expect([make('gone', cause).message, make('gone', cause).cause]).toEqual(['gone: why', cause]);
  });

  test('has sixteen codes besides ok', () => expect(codes).toHaveLength(16));

  test('withDetails gives a new error and leaves the old one alone', () => {
    const error = APIError.notFound('gone', new Error('why'));
    const detailed = error.withDetails({ id: 7 });
    expect(detailed).not.toBe(error);
    expect([error.details, detailed.details]).toEqual([undefined, { id: 7 }]);
    expect([detailed.code, detailed.message, detailed.cause]).toEqual([error.code, error.message, error.cause]);
  });
});

test('appMeta gives the same object each time, and there is no request outside of one', () => {
  expect(appMeta()).toBe(appMeta());
  expect(appMeta().build.uncommittedChanges).toBe(false);
  expect(currentRequest()).toBeUndefined();
});

test('objects are whole buffers, and streams by methods of their own', () => {
  const methods = Object.getOwnPropertyNames(Bucket.prototype).filter((name) => name !== 'constructor');
  const known = ['list', 'exists', 'attrs', 'upload', 'download', 'remove', 'signedUploadUrl', 'signedDownloadUrl'];
  const more = ['uploadStream', 'downloadStream'];
  expect(methods.sort()).toEqual([...known, ...more, 'publicUrl', 'ref'].sort());
});
