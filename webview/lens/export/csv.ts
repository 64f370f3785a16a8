/** The lens and the parts of a logit as comma-separated values (RFC 4180): one line a cell, then one a part. */
import { csvField, decimalOrNone as number, END } from '../../lib/export/csv.ts';
import { topToken } from '../model/read.ts';
import type { State } from '../model/state.ts';

export function lensCsv({ run, parts }: State): string {
  const frame = run?.frame;
  if (!frame) return '';
  const lines = ['address,position,token,top_token,top_probability,target_probability,target_rank,entropy,norm'];
  frame.states.forEach(({ address }, state) => {
    const row = run.rows.get(state);
    if (row) frame.positions.forEach((position, column) => lines.push([
      address, position, csvField(frame.tokens[position]?.text ?? ''), csvField(topToken(row, column, frame.top)), number(row.probabilities[column * frame.top]),
      number(row.target?.probability[column]), number(row.target?.rank[column]), number(row.entropy[column]), number(row.norm[column]),
    ].join(',')));
  });
  const value = parts?.value;
  if (value) {
    lines.push('', 'part,position,logit', ...value.positions.flatMap((position, at) => [...value.parts.map((part) => `${part.address},${position},${number(part.values[at])}`), `remainder,${position},${number(value.remainder[at])}`]));
  }
  return lines.join(END) + END;
}
