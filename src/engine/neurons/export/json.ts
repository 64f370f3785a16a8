/** An index as one JSON document, written piece by piece: it need not fit into memory. */
import type { IndexReader } from '../read/reader.ts';
import { allHeads, allNeurons } from './everything.ts';

const encoder = new TextEncoder();
/** Bytes of a piece, about. */
const PIECE = 1 << 20;

/** `{ …, "neurons": [one a line], "heads": [one a line] }`. `told` hears of each neuron. */
export function* jsonParts(reader: IndexReader, told: () => void): Generator<Uint8Array> {
  const { info } = reader;
  let text = `{"model":${JSON.stringify(reader.model)},"tokens":${info.tokens},"finished":${info.finished},"texts":${JSON.stringify(info.texts)},"neurons":[`;
  let before = '\n';
  for (const [key, units] of [['neurons', allNeurons(reader)], ['heads', allHeads(reader)]] as const) {
    if (key === 'heads') {
      text += '\n],"heads":[';
      before = '\n';
    }
    for (const unit of units) {
      text += before + JSON.stringify(unit);
      before = ',\n';
      if (key === 'neurons') told();
      if (text.length < PIECE) continue;
      yield encoder.encode(text);
      text = '';
    }
  }
  yield encoder.encode(`${text}\n]}\n`);
}
