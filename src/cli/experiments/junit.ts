/** JUnit's XML, which CI systems show: a suite a file, a case an expectation. Pure. */
import type { Verdict } from '../../shared/experiment/expect.ts';
import { nameOfExpectation } from '../../shared/experiment/expect.ts';

export interface TestedFile {
  readonly file: string;
  readonly verdicts: readonly Verdict[];
  /** Why there is no result to judge. */
  readonly error: string | null;
  readonly ms: number;
}

export function junit(files: readonly TestedFile[]): string {
  const totals = { tests: sum(files, casesOf), failures: sum(files, failuresOf), errors: sum(files, errorsOf), time: seconds(sum(files, ({ ms }) => ms)) };
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: 'cogscope', ...totals })}>`,
    ...files.flatMap(suite),
    '</testsuites>',
    '',
  ].join('\n');
}

function suite(tested: TestedFile): readonly string[] {
  const { file, verdicts, error, ms } = tested;
  const head = `  <testsuite${attributes({ name: file, tests: casesOf(tested), failures: failuresOf(tested), errors: errorsOf(tested), time: seconds(ms) })}>`;
  if (error !== null) return [head, `    <testcase${attributes({ classname: file, name: 'runs', time: seconds(ms) })}>`, `      <error${attributes({ message: error })}>${escaped(error)}</error>`, '    </testcase>', '  </testsuite>'];
  // The one run is shared by all that is expected of it.
  const each = seconds(ms / Math.max(1, verdicts.length));
  const cases = verdicts.flatMap(({ expectation, passed, text }) => {
    const open = `    <testcase${attributes({ classname: file, name: nameOfExpectation(expectation), time: each })}`;
    return passed ? [`${open}/>`] : [`${open}>`, `      <failure${attributes({ message: text })}>${escaped(text)}</failure>`, '    </testcase>'];
  });
  return [head, ...cases, '  </testsuite>'];
}

const casesOf = ({ verdicts, error }: TestedFile): number => (error === null ? verdicts.length : 1);
const failuresOf = ({ verdicts, error }: TestedFile): number => (error === null ? verdicts.filter(({ passed }) => !passed).length : 0);
const errorsOf = ({ error }: TestedFile): number => (error === null ? 0 : 1);
const sum = (files: readonly TestedFile[], of: (file: TestedFile) => number): number => files.reduce((total, file) => total + of(file), 0);
const seconds = (ms: number): string => (ms / 1000).toFixed(3);

const attributes = (values: Readonly<Record<string, string | number>>): string => Object.entries(values).map(([name, value]) => ` ${name}="${escaped(String(value))}"`).join('');

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\n': '&#10;', '\t': '&#9;', '\r': '&#13;' };

/** Characters that XML has no way to hold become the replacement character. */
function escaped(text: string): string {
  return text.replace(/[&<>"\n\t\r]/g, (character) => entities[character] ?? character)
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/gu, '\ufffd');
}
