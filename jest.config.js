import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { leftOut } from './test/support/patient.ts';

// Of the processes that tests start, few compile the same sources anew.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('node_modules/.cache/fairlead-tests/node', import.meta.url));

// Large packages, which a worker loads once for all of its files instead of once for each: see test/support/environment.ts.
// Not elkjs and esbuild: they tell an array and a regular expression by its class, which is another one outside.
const outside = [
  '@aws-cdk/aws-service-spec',
  '@cyclonedx/cyclonedx-library',
  '@ts-morph/common',
  'ajv',
  'ajv-draft-04',
  'ajv-formats',
  'pg',
  'pgsql-parser',
  'ts-morph',
  'undici',
  'yaml',
];

// Node strips the types itself, so the tests run the sources as they are.
export default {
  testEnvironment: '<rootDir>/test/support/environment.ts',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { [`/node_modules/(${outside.join('|')})/.+[.]c?js$`]: '<rootDir>/test/support/outside.cjs' },
  transformIgnorePatterns: [],
  testSequencer: '<rootDir>/test/support/sequencer.ts',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', ...leftOut.map((path) => `/${path}$`)],
  modulePathIgnorePatterns: ['<rootDir>/runtime/dist', '<rootDir>/dist'],
  // Half of the time is spent waiting for processes, so that there is work for more than one worker on each core.
  maxWorkers: availableParallelism() + 1,
  // Jest keeps a part of what each file has loaded.
  workerIdleMemoryLimit: '1500MB',
  testTimeout: 60_000,
};
