/** Neurons that are like one. Plain data: it crosses process boundaries. */

export interface SimilarNeuron {
  /** L3N1234 */
  readonly address: string;
  /** A cosine from -1 to 1, or a share from 0 to 1. */
  readonly similarity: number;
  /** Of its readings. */
  readonly labels: readonly string[];
}

/** The most similar first. */
export type SimilarList =
  | { readonly kind: 'found'; readonly neurons: readonly SimilarNeuron[] }
  | { readonly kind: 'none'; readonly reason: string };

export interface SimilarNeurons {
  /** L3N1234 */
  readonly address: string;
  /** By w·v / (|w| |v|) of their rows of W_out as the file has them: not centred, nor folded with a norm. Over all layers whose W_out can be read. */
  readonly weights: SimilarList;
  /** By |A ∩ B| / |A ∪ B| (Jaccard) of the places in the text of their 24 strongest examples above 0, no context twice. Over all layers; those that share none are left out. */
  readonly examples: SimilarList;
}
