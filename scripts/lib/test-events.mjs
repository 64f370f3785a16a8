import { describe } from './report.mjs';

/** Failures that only repeat what a test inside has already said. */
const ECHOES = new Set(['subtestsFailed']);

function verdict(data) {
  if (data.skip !== undefined || data.todo !== undefined) return 'skipped';
  return data.details.error === undefined ? 'passed' : 'failed';
}

/**
 * A reporter of node:test that runs inside a test file's process and writes one JSON line per test, one per diagnostic of a test,
 * and `{"end":true}` last.
 */
export default async function* events(source) {
  const names = [];
  for await (const { type, data } of source) {
    if (type === 'test:start') names[data.nesting] = data.name;
    if (type === 'test:pass' || type === 'test:fail') {
      const error = data.details.error;
      if (ECHOES.has(error?.failureType) || (data.details.type === 'suite' && error === undefined)) continue;
      const name = [...names.slice(0, data.nesting), data.name].join(' › ');
      const at = data.line === undefined ? undefined : { line: data.line, column: data.column };
      yield `${JSON.stringify({ verdict: verdict(data), cancelled: error?.failureType === 'cancelledByParent', name, file: data.file, at, error: error && describe(error) })}\n`;
    }
    // node:test's own, of the run as a whole, stand at the file's first character, where no test can.
    if (type === 'test:diagnostic' && !(data.line === 1 && data.column === 1)) yield `${JSON.stringify({ diagnostic: data.message })}\n`;
    if (type === 'test:summary') yield '{"end":true}\n';
  }
}
