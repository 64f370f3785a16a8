/** What is foretold of an index, how far it is and what came of it, in a line each. Pure. */
import { bytes, count, counted, duration, percent } from '../../shared/format.ts';
import type { NeuronForecast, NeuronIndexProgress, NeuronIndexResult } from '../../shared/neurons/build.ts';
import { carriedWords } from '../../shared/neurons/described.ts';

/** "4,608 neurons and 36 heads of 6 layers". */
export const whatOf = ({ neurons, heads, layers }: Pick<NeuronForecast, 'neurons' | 'heads' | 'layers'>): string =>
  `${counted(neurons, 'neuron')} and ${counted(heads, 'head')} of ${counted(layers, 'layer')}`;

/** "About 36,000 tokens of 2 files take 2 min 5 s to read, 14.1 MB on disk and 26 MB of memory; readings and output tokens are made after that". */
export function forecastLine({ tokens, files, ms, bytes: size, memory, done }: NeuronForecast): string {
  const rest = done > 0 ? `; ${count(done)} tokens are done` : '';
  return `About ${counted(tokens, 'token')} of ${counted(files, 'file')} take ${duration(ms)} to read, ${bytes(size)} on disk and ${bytes(memory)} of memory${rest}; readings and output tokens are made after that`;
}

/** "12.4%, 5,210 tokens a second, 1 min 3 s left". */
export function progressLine(step: NeuronIndexProgress): string {
  switch (step.kind) {
    case 'forecast':
      return step.done > 0 ? `going on behind ${counted(step.done, 'token')}` : 'the first tokens';
    case 'tokens':
      return `${percent(step.of === 0 ? 1 : step.tokens / step.of)}, ${count(Math.round(step.perSecond))} tokens a second, ${duration(step.msLeft)} left`;
    case 'finishing':
      return `finishing, layer ${step.done} of ${step.of}`;
    default:
      return step satisfies never;
  }
}

/** "4,608 neurons indexed over 36,120 tokens in 1 min 3 s: 12 fire on no token, 40 on more than half". */
export const resultLine = ({ forecast, tokens, ms, dead, dense }: NeuronIndexResult): string =>
  `${counted(forecast.neurons, 'neuron')} indexed over ${counted(tokens, 'token')} in ${duration(ms)}: ${count(dead)} fire on no token, ${count(dense)} on more than half${forecast.descriptions ? `; ${carriedWords(forecast.descriptions)}` : ''}`;
