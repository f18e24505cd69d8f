// Node strips the types itself, so the tests run the sources as they are: no transformer.
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {},
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/runtime/dist', '<rootDir>/dist'],
  // Most of the time is spent waiting for processes, so that both of two cores are worth a worker.
  maxWorkers: '100%',
  testTimeout: 60_000,
};
