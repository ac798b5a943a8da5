/*
 * Preloaded into Node's test processes: `process.exit(0)` in a test would end its file with success, and the tests
 * that had not run yet would not count.
 */
const exit = process.exit.bind(process);
process.exit = (code): never => {
  console.error(new Error(`process.exit(${code ?? ""}) in a test file`).stack);
  return exit(code || 1);
};
