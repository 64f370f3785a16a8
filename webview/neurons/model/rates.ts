/** Shares of the tokens by which neurons may be looked for. */
export interface Rate {
  readonly label: string;
  readonly from?: number;
  readonly to?: number;
}

/** The first holds for all. */
export const rates: readonly Rate[] = [
  { label: 'any share of tokens' }, { label: 'below 0.1%', to: 0.001 }, { label: '0.1% to 1%', from: 0.001, to: 0.01 }, { label: '1% to 10%', from: 0.01, to: 0.1 }, { label: '10% to 50%', from: 0.1, to: 0.5 }, { label: 'above 50%', from: 0.5 },
];
