/** The plain last line of a test run and its exit code, from Jest's JSON results (null: Jest broke off). */
export const totalOf = (results, jestCode) => {
  if (results === null) return { line: '0 passed, 1 failed', code: jestCode === 0 ? 1 : jestCode };
  const passed = results.numPassedTests;
  // A file that does not even load has no tests to count, and is a failure all the same.
  const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
  const skipped = results.numPendingTests + results.numTodoTests;
  const line = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
  return { line, code: jestCode === 0 && failed > 0 ? 1 : jestCode };
};
