import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import {
  allocationsOf,
  awsWritten,
  parseConfig,
  parseEnvironment,
  settingsFor,
  smokeFor,
  UserError,
} from '../../pipeline/mod.ts';

test.each([
  ['pr-1', { processes: 'all-in-one', cron: false, healthTimeout: 30_000 }],
  ['production', { processes: 'all-in-one', cron: true, healthTimeout: 30_000 }],
  ['staging', { processes: 'all-in-one', cron: true, healthTimeout: 30_000 }],
  ['local', { processes: 'all-in-one', cron: true, healthTimeout: 30_000 }],
])('without a word in fairlead.json, %s has the defaults', (name, settings) => {
  expect(settingsFor(parse('{}'), parseEnvironment('shop', name))).toEqual(settings);
});

test('the type is set first, then the name', () => {
  const config = parse(`{
    "name": "shop",
    "environments": {
      "preview": { "cron": true, "healthTimeout": "2m" },
      "pr-7": { "cron": false, "port": 4007 },
      "development": { "healthTimeout": "500ms", "callTimeout": "20s" },
      "production": { "processes": "per-service", "port": 4000, "healthTimeout": "90s" }
    }
  }`);
  const of = (name: string) => settingsFor(config, parseEnvironment('shop', name));
  expect(config).toMatchObject({ name: 'shop', target: 'local' });
  expect(of('pr-7')).toEqual({ processes: 'all-in-one', cron: false, healthTimeout: 120_000, port: 4007 });
  expect(of('pr-8')).toEqual({ processes: 'all-in-one', cron: true, healthTimeout: 120_000 });
  expect(of('staging')).toEqual({ processes: 'all-in-one', cron: true, healthTimeout: 500, callTimeout: 20_000 });
  expect(of('production')).toEqual({ processes: 'per-service', cron: true, healthTimeout: 90_000, port: 4000 });
});

test('a smoke test of the name wins over that of the type, and is no setting of what is put up', () => {
  const config = parse(`{
    "environments": {
      "development": { "smoke": { "urls": [{ "path": "/a" }] } },
      "staging": { "smoke": { "urls": [{ "path": "/b?c=d", "status": 204, "contains": "x" }], "timeout": "2m" } },
      "production": { "smoke": { "command": "npm run smoke" } }
    }
  }`);
  const of = (name: string) => smokeFor(config, parseEnvironment('shop', name));
  expect(of('test')).toEqual({ urls: [{ path: '/a' }], timeout: 30_000 });
  expect(of('staging')).toEqual({ urls: [{ path: '/b?c=d', status: 204, contains: 'x' }], timeout: 120_000 });
  expect(of('production')).toEqual({ urls: [], timeout: 30_000, command: 'npm run smoke' });
  expect(of('pr-1')).toBeUndefined();
  expect(settingsFor(config, parseEnvironment('shop', 'production'))).not.toHaveProperty('smoke');
});

test.each(['health', '//evil.test/', '/\\\\evil.test/', '/a b', '/\\t/evil.test', 'http://evil.test/', ''])(
  'a smoke test stays on its own host: not %j',
  (path) => {
    const text = `{"environments":{"production":{"smoke":{"urls":[{"path":"${path}"}]}}}}`;
    expect(findings(text)).toEqual([expect.stringMatching(/^FL3003 1:57 .*\.urls\.0\.path` cannot be /)]);
  },
);

test('a name that every object has is a name like any other', () => {
  expect(settingsFor(parse('{"environments":{}}'), parseEnvironment('shop', 'constructor'))).toMatchObject({
    cron: true,
  });
});

test('one release is built for everything that any environment wants', () => {
  expect(allocationsOf(parse('{}'))).toEqual(['all-in-one']);
  expect(allocationsOf(parse('{"environments":{"production":{"processes":"per-service"}}}'))).toEqual([
    'all-in-one',
    'per-service',
  ]);
});

test.each([
  ['', 'FL3002 1:1 fairlead.json is not JSON: value expected'],
  ['{\n  "name": "shop",\n}', 'FL3002 3:1 fairlead.json is not JSON: property name expected'],
  ['{} // no', 'FL3002 1:4 fairlead.json is not JSON: invalid comment token'],
  ['[]', 'FL3003 1:1 fairlead.json cannot be []: it must be object'],
  ['{\n  "colour": 1\n}', 'FL3003 2:3 fairlead.json has no setting `colour`'],
  ['{"target":"moon"}', 'FL3003 1:11 `target` cannot be "moon"'],
  ['{"environments":{"Prod":{}}}', 'FL3003 1:18 `Prod` is neither the name nor the type of an environment'],
  ['{"environments":{"pr-07":{}}}', 'FL3003 1:18 `pr-07` is neither the name nor the type of an environment'],
  ['{"environments":{"preview":{"port":1}}}', 'FL3003 1:29 `environments.preview` has no setting `port`'],
  [
    '{"environments":{"production":{"healthTimeout":"30"}}}',
    'FL3003 1:48 `environments.production.healthTimeout` cannot be "30"',
  ],
  [
    '{"environments":{"production":{"callTimeout":"50ms"}}}',
    'FL3003 1:46 `environments.production.callTimeout` cannot be "50ms"',
  ],
  [
    '{"environments":{"production":{"port":70000}}}',
    'FL3003 1:39 `environments.production.port` cannot be 70000: it must be <= 65535',
  ],
  [
    '{"environments":{"production":{"smoke":{"url":"/"}}}}',
    'FL3003 1:41 `environments.production.smoke` has no setting `url`',
  ],
  [
    '{"environments":{"production":{"smoke":{"urls":[{"status":200}]}}}}',
    'FL3003 1:49 `environments.production.smoke.urls.0` cannot be {"status":200}: it must have required property \'path\'',
  ],
  ['{"environments":{"a":{"port":1},"b":{"port":1}}}', 'FL3004 1:45 `a` and `b` both want port 1'],
])('%j: %s', (text, expected) => {
  expect(findings(text)).toEqual([expected]);
});

test('a key that would not read well in a path is quoted', () => {
  expect(findings('{"environments":{"../x":{"y":1}}}')).toContain(
    'FL3003 1:26 `environments."../x"` has no setting `y`',
  );
});

test('everything that is wrong is said at once, in the order of the file', () => {
  expect(
    findings('{"colour":1,"target":"moon","environments":{"production":{"cron":"yes","processes":"two"}}}'),
  ).toEqual([
    'FL3003 1:2 fairlead.json has no setting `colour`',
    'FL3003 1:22 `target` cannot be "moon"',
    'FL3003 1:66 `environments.production.cron` cannot be "yes": it must be boolean',
    'FL3003 1:84 `environments.production.processes` cannot be "two"',
  ]);
});

test('the published schema describes every setting', () => {
  const schema = JSON.parse(readFileSync(new URL('../../pipeline/fairlead.schema.json', import.meta.url), 'utf8'));
  const described = [...Object.values(schema.properties), ...Object.values(schema.$defs)];
  expect(described.every((part) => typeof (part as { description?: unknown }).description === 'string')).toBe(true);
});

function parse(text: string) {
  return parseConfig(text, 'fairlead.json');
}

function findings(text: string): string[] {
  try {
    parse(text);
    return [];
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return error.diagnostics.map(
      ({ code, position, message }) => `${code} ${position?.line}:${position?.column} ${message}`,
    );
  }
}

test('what an environment has in AWS is laid over what its type has, setting by setting, and is no setting of what is put up', () => {
  const config = parse(`{
    "target": "aws",
    "aws": { "region": "eu-central-1", "account": "123456789012", "domain": "shop.example" },
    "environments": {
      "preview": { "aws": { "expires": "12h", "database": { "storage": 30, "instanceClass": "db.t4g.small" }, "alarms": ["a@b.example"] } },
      "pr-7": { "aws": { "expires": "2d", "database": { "storage": 50 }, "alarms": ["c@d.example"] } }
    }
  }`);
  const environment = parseEnvironment('shop', 'pr-7');
  expect(config.target).toBe('aws');
  expect(settingsFor(config, environment)).toEqual({ processes: 'all-in-one', cron: false, healthTimeout: 30_000 });
  expect(awsWritten(config, environment)).toEqual({
    aws: { region: 'eu-central-1', account: '123456789012', domain: 'shop.example' },
    overrides: {
      expires: 2 * 86_400_000,
      database: { storage: 50, instanceClass: 'db.t4g.small' },
      alarms: ['c@d.example'],
    },
  });
  expect(awsWritten(config, parseEnvironment('shop', 'pr-8')).overrides.expires).toBe(12 * 3_600_000);
  expect(awsWritten(parse('{}'), environment)).toEqual({ aws: {}, overrides: {} });
});

test.each([
  ['{"aws":{"account":"12"}}', '`aws.account` cannot be "12"'],
  ['{"aws":{"colour":1}}', '`aws` has no setting `colour`'],
  ['{"environments":{"preview":{"aws":{"expires":"soon"}}}}', '`environments.preview.aws.expires` cannot be "soon"'],
  ['{"environments":{"production":{"aws":{"cpu":300}}}}', '`environments.production.aws.cpu` cannot be 300'],
  [
    '{"environments":{"production":{"aws":{"alarms":["nobody"]}}}}',
    '`environments.production.aws.alarms.0` cannot be "nobody"',
  ],
  [
    '{"environments":{"production":{"aws":{"logRetention":8}}}}',
    '`environments.production.aws.logRetention` cannot be 8',
  ],
])('%s is refused', (text, message) => {
  expect(() => parse(text)).toThrow(message);
});
