import { describe, expect, test } from '@jest/globals';
import { applicationName } from '../../analyzer/application-name.ts';
import { UserError } from '../../analyzer/diagnostic.ts';
import { parseEncoreApp } from '../../analyzer/encore-app.ts';
import { errorsOf, graphOf, withApplication } from './application.ts';

const whole = `// What the application is called.
{
  "id": "shop", /* and its language */ "lang": "typescript",
  "experiments": ["a", "b"],
  "global_cors": {
    "debug": true,
    "allow_headers": ["X-A"],
    "expose_headers": ["X-B"],
    "allow_origins_without_credentials": ["*"],
    "allow_origins_with_credentials": ["https://shop.example",],
  },
  "build": {
    "cgo_enabled": false,
    "worker_pooling": true,
    "docker": { "base_image": "node:24", "bundle_source": true, "working_dir": "/srv", "process_per_service": false },
    "hooks": { "prebuild": "npx prisma generate", "postbuild": { "command": "./after.sh", "env": { "A": "1" } } },
  },
  "log_level": "warn",
}
`;

test('reads every setting', () => {
  expect(parseEncoreApp(whole)).toEqual({
    settings: {
      cors: {
        debug: true,
        allowHeaders: ['X-A'],
        exposeHeaders: ['X-B'],
        allowOriginsWithoutCredentials: ['*'],
        allowOriginsWithCredentials: ['https://shop.example'],
      },
      workerPooling: true,
      docker: { baseImage: 'node:24', bundleSource: true, workingDirectory: '/srv', processPerService: false },
      hooks: {
        prebuild: { command: 'npx prisma generate', env: {} },
        postbuild: { command: './after.sh', env: { A: '1' } },
      },
      logLevel: 'warn',
    },
    diagnostics: [],
  });
});

test.each(['', ' \n', '// nothing yet\n', '{}', '{ "id": "" }'])('sets nothing in %j', (text) => {
  expect(parseEncoreApp(text)).toEqual({ settings: {}, diagnostics: [] });
});

test.each([
  ['{ "docker_base_image": "node:22" }', 'node:22'],
  ['{ "docker_base_image": "node:22", "build": { "docker": {} } }', 'node:22'],
  ['{ "docker_base_image": "node:22", "build": { "docker": { "base_image": "node:24" } } }', 'node:24'],
])('takes the base image from its former place: %s', (text, image) => {
  expect(parseEncoreApp(text)).toEqual({ settings: { docker: { baseImage: image } }, diagnostics: [] });
});

/** The text → what is wrong with it. */
const wrong: [string, string[]][] = [
  ['{ "lang": "go" }', ['error FL1011 1:11-15']],
  ['{ "lang": 1 }', ['error FL1005 1:11-12']],
  ['{ "experiments": "x" }', ['error FL1005 1:18-21']],
  ['{ "global_cors": [] }', ['error FL1005 1:18-20']],
  ['{ "global_cors": { "debug": 1 } }', ['error FL1005 1:29-30']],
  ['{ "global_cors": { "allow_headers": ["a", 1] } }', ['error FL1005 1:43-44']],
  ['{ "global_cors": { "alow_headers": [] } }', ['warning FL1010 1:20-34']],
  ['{ "build": { "worker_pooling": "yes", "x": {} } }', ['warning FL1010 1:39-42', 'error FL1005 1:32-37']],
  ['{ "build": { "docker": { "base_image": 24 } } }', ['error FL1005 1:40-42']],
  ['{ "build": { "hooks": { "prebuild": 1 } } }', ['error FL1005 1:37-38']],
  ['{ "build": { "hooks": { "prebuild": { "env": {} } } } }', ['error FL1005 1:37-50']],
  ['{ "build": { "hooks": { "prebuild": { "command": "x", "env": { "A": 1 } } } } }', ['error FL1005 1:62-72']],
  ['{ "log_level": "loud" }', ['error FL1005 1:16-22']],
  ['{ "log-level": "info" }', ['warning FL1010 1:3-14']],
];

test.each(wrong)('reports what is wrong: %s', (text, expected) => {
  const found = parseEncoreApp(text).diagnostics.map(({ severity, code, position }) => {
    const { line, column, endColumn } = position!;
    return `${severity} ${code} ${line}:${column}-${endColumn}`;
  });
  expect(found).toEqual(expected);
});

test('names the setting that was meant', () => {
  const [diagnostic] = parseEncoreApp('{ "global_corz": {} }').diagnostics;
  expect(diagnostic?.message).toBe('encore.app has no setting `global_corz`');
  expect(diagnostic?.help).toMatch('Did you mean `global_cors`?');
});

test.each(['{', '[]', '{ "id": }'])('throws on what is no object: %s', (text) => {
  expect(() => parseEncoreApp(text)).toThrow(UserError);
});

describe('in an application', () => {
  const hello = `-- hello/hello.ts --
import { api } from 'encore.dev/api';
export const hello = api({}, async (): Promise<void> => {});
`;

  test('goes into the Graph', async () => {
    const graph = await graphOf(`${hello}-- encore.app --\n${whole}`);
    expect(graph.application).toBe('shop');
    expect(graph.settings).toEqual(parseEncoreApp(whole).settings);
    expect((await graphOf(`${hello}-- encore.app --\n`)).settings).toEqual({});
  });

  test('has its errors and warnings reported once', async () => {
    const text = '{ "id": 5, "lang": "go", "bild": {} }';
    expect(await errorsOf(`${hello}-- encore.app --\n${text}`)).toEqual([
      'FL1005 encore.app:1:9-10',
      'FL1011 encore.app:1:20-24',
      'FL1010 encore.app:1:26-32',
    ]);
    expect(await errorsOf(`${hello}-- encore.app --\n{`)).toEqual(['FL1005 encore.app:1:2']);
  });

  test('names the application whatever else is wrong with it', async () => {
    const app = '-- encore.app --\n{ "id": "shop", "lang": "go", "log_level": 5 }';
    expect(await withApplication(app, (root) => applicationName(root))).toBe('shop');
  });
});
