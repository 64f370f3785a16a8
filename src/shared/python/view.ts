/** What a panel shows, as far as code can be made of it. Panels tell it to the host as it changes. */
import type { TokenSource } from '../experiment/experiment.ts';
import type { Prompt } from '../protocol/engineApi.ts';
import type { DetectionPattern, RepeatedText } from '../protocol/headApi.ts';

/** Views that are one head's, in one run, and need no more than it to be told. */
export const plainViews = ['pattern', 'scores', 'weighted', 'rollout'] as const;
export type PlainView = (typeof plainViews)[number];

/** What heads are scored on: the prompt, or random tokens that come twice. */
export type ShownText =
  | { readonly kind: 'run' }
  | ({ readonly kind: 'repeated'; readonly rows: number } & Omit<RepeatedText, 'tower'>);

/** Negative positions count from the end. A target is null where no token is asked about. */
export type ShownView =
  | { readonly [K in PlainView]: { readonly kind: K } }[PlainView]
  | { readonly kind: 'effect'; readonly target: TokenSource | null }
  /** `columns`: for each aligned token its place in the first prompt and in the second, −1 where that has none. */
  | { readonly kind: 'difference'; readonly second: Prompt; readonly columns: readonly (readonly number[])[] }
  | { readonly kind: 'mean'; readonly prompts: readonly Prompt[] }
  /** The tokens that a head writes at a position: in the run (`run`), or of one source alone. */
  | { readonly kind: 'writes'; readonly position: number; readonly source: number; readonly reads: 'run' | 'state' | 'embedding' }
  /** Norms of what all heads write at a position and, where a token is asked about, what they add to its logit. */
  | { readonly kind: 'outputs'; readonly position: number; readonly target: TokenSource | null }
  | { readonly kind: 'headScores'; readonly pattern: DetectionPattern; readonly text: ShownText }
  /** `positions`: where the target's logit is taken apart. */
  | { readonly kind: 'lens'; readonly mid: boolean; readonly target: TokenSource | null; readonly distractor: TokenSource | null; readonly positions: readonly number[] };

/** What a panel tells the host of what it shows. */
export interface PanelView {
  readonly prompt: Prompt;
  /** Null while what is shown has not come. */
  readonly view: ShownView | null;
  /** What the opened head writes, which stands beside its view; null where none is open. */
  readonly writes: ViewOf<'writes'> | null;
  /** Values of the model's inputs were changed by hand. */
  readonly edited: boolean;
}

export type ViewOf<K extends ShownView['kind']> = Extract<ShownView, { readonly kind: K }>;
