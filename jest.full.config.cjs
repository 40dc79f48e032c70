const base = require('./jest.config.cjs');

/** Runs over the full data files; their folder is named by TORAN_TEST_DATA. */
/** @type {import('jest').Config} */
module.exports = {
  ...base,
  testMatch: ['<rootDir>/test/full/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  testTimeout: 600000,
};
