/** Of what an opened head writes: what it mixed in this run, or one source alone, by its state or its token's embedding. */
export const writings = ['run', 'state', 'embedding'] as const;
export type Writing = (typeof writings)[number];
