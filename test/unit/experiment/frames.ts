/** Small results to judge and to print. */
import { NOT_RUN } from '../../../src/shared/experiment/result.ts';
import type { CellValues, ExperimentFrame } from '../../../src/shared/experiment/result.ts';
import type { TokenInfo } from '../../../src/shared/protocol/engineApi.ts';

export const token = (text: string, id = 1): TokenInfo => ({ id, text, start: 0, end: 0, special: false, approximate: false });
const words = ['<bos>', ' cat', ' milk'].map((text, id) => token(text, id));

/** 3 layers of 2 heads, denoised between metrics 2 (corrupted) and 4 (clean). */
export const heads: ExperimentFrame = {
  kind: 'activation-patching', metric: 'logit-difference', direction: 'denoise',
  grids: [{ site: 'z', rows: { name: 'layer', labels: ['0', '1', '2'] }, columns: { name: 'head', labels: ['0', '1'] }, first: 0 }],
  addresses: ['L0H0', 'L0H1', 'L1H0', 'L1H1', 'L2H0', ''],
  pairs: [{ clean: words, corrupted: words, target: token(' door'), distractor: token(' wolf'), position: 2, subject: [], cleanMetric: 4, corruptedMetric: 2 }],
  clean: 4, corrupted: 2, notes: [],
};

/** Recovered 0.31, 0.4, 0.62, unchanged, −0.8. */
export const headValues: CellValues = { metrics: Float64Array.of(2.62, 2.8, 3.24, 2, 0.4, NaN), unchanged: Uint8Array.of(0, 0, 0, 1, 0, NOT_RUN) };

export const positions: ExperimentFrame = {
  ...heads,
  grids: [{ site: 'resid_pre', rows: { name: 'layer', labels: ['0', '1'] }, columns: { name: 'position', labels: words.map(({ text }) => text) }, first: 0 }],
  addresses: [0, 1].flatMap((layer) => [0, 1, 2].map((position) => `blocks.${layer}.hook_resid_pre@${position}`)),
};

export const positionValues: CellValues = { metrics: Float64Array.of(2, 2.5, 3, 2, 2, 4), unchanged: new Uint8Array(6) };
