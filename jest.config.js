// Node strips the types itself, so the tests run the sources as they are: no transformer.
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {},
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/runtime/dist', '<rootDir>/dist'],
  testTimeout: 60_000,
};
