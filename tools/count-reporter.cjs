/** Closes a Jest run with the one line that continuous integration reads. */
module.exports = class CountReporter {
  onRunComplete(_contexts, results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    const line = `${results.numPassedTests} passed, ${failed} failed, ${skipped} skipped\n`;
    // Jest writes its own summary after the last reporter has been asked.
    process.once('exit', () => process.stdout.write(line));
  }
};
