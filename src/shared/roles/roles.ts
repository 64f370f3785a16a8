/**
 * Roles of heads, each given by a stated test: where a head attends, and what the answer loses without it.
 *
 * A head has a role where both numbers reach their thresholds and exceed their controls. Some roles are tested on rows of random tokens, others on
 * pairs of prompts with two names: the answer (the pair's target), and the other name (its distractor), which stands twice.
 */
export type RepeatsRole = 'previous-token' | 'duplicate-token' | 'induction';
export type PairsRole = 'duplicate-name' | 'name-mover' | 'negative-name-mover' | 's-inhibition' | 'backup-name-mover';
export type Role = RepeatsRole | PairsRole;

export interface RoleTest {
  /** "previous token". */
  readonly name: string;
  /** What its number of attention is: the mean over what is said here. */
  readonly attention: string;
  readonly attentionControl: string;
  readonly effect: string;
  readonly effectControl: string;
  readonly source: string;
}

/**
 * The least attention. Heads that are published with these roles have more: 0.41 the induction head of attn-only-2l, 0.51 the S-inhibition and 0.59 the name
 * mover heads of GPT-2 small (Wang et al. 2022, sections 3.1 and 3.2), on average.
 */
export const LEAST_ATTENTION = 0.3;
/** The least effect, as a share of the clean logit difference. The choice of this program: Wang et al. and Olsson et al. choose by eye. */
export const LEAST_EFFECT = 0.05;

const onRepeats = {
  effect: 'the share of the logit difference between what comes next and another token of the stretch that is lost when the head’s output is its mean over the rows',
  effectControl: 'the same runs, for the two tokens of another row',
} as const;

const onPairs = { effectControl: 'the same runs, for the two names of another pair' } as const;

const OLSSON = 'Olsson et al. 2022, "In-context Learning and Induction Heads"';
const WANG = 'Wang et al. 2022, "Interpretability in the Wild"';

const repeatsTests: Readonly<Record<RepeatsRole, RoleTest>> = {
  'previous-token': {
    name: 'previous token', attention: 'from each token to the one before it', attentionControl: 'to another token, drawn from those before it and itself', ...onRepeats,
    source: `${OLSSON}; previous_token_head of TransformerLens`,
  },
  'duplicate-token': {
    name: 'duplicate token', attention: 'in the second stretch, from each token to the same token in the first', attentionControl: 'the same places in rows whose second stretch is another one', ...onRepeats,
    source: `${WANG}, section 3.3; duplicate_token_head of TransformerLens`,
  },
  induction: {
    name: 'induction', attention: 'in the second stretch, from each token to the one behind the same token in the first', attentionControl: 'the same places in rows whose second stretch is another one', ...onRepeats,
    source: `${OLSSON}; induction_head of TransformerLens`,
  },
};

const pairsTests: Readonly<Record<PairsRole, RoleTest>> = {
  'duplicate-name': {
    name: 'duplicate token, of a name', attention: 'from the second mention of the other name to the first', attentionControl: 'to another token, drawn from those before it and itself',
    effect: 'the share of the logit difference between the names that is lost when the head’s output is its mean over the pairs', ...onPairs,
    source: `${WANG}, section 3.3`,
  },
  'name-mover': {
    name: 'name mover', attention: 'from the last token to the answer, less that to both mentions of the other name', attentionControl: 'to an earlier token that is drawn, less that to another two',
    effect: 'the share of the logit difference between the names that is lost when what the head writes straight to the logits comes from the corrupted prompt (path patching)', ...onPairs,
    source: `${WANG}, section 3.1`,
  },
  'negative-name-mover': {
    name: 'negative name mover', attention: 'from the last token to the name that the head lowers, less that to the other one', attentionControl: 'to an earlier token that is drawn, less that to another two',
    effect: 'how much the head lowers that name against the other one, straight at the logits, as a share of the difference (path patching)', ...onPairs,
    source: `${WANG}, section 3.1; McDougall et al. 2023, "Copy Suppression"`,
  },
  's-inhibition': {
    name: 'S-inhibition', attention: 'from the last token to the second mention of the other name', attentionControl: 'to an earlier token that is drawn',
    effect: 'the share of the difference that is lost when what the head writes to the queries of the name movers comes from the corrupted prompt (path patching)', ...onPairs,
    source: `${WANG}, section 3.2`,
  },
  'backup-name-mover': {
    name: 'backup name mover', attention: 'with the name movers replaced by their means: from the last token to the answer, less that to both mentions of the other name', attentionControl: 'to an earlier token that is drawn, less that to another two',
    effect: 'with the name movers replaced by their means: the share of the difference that is lost without the head as well, or by how much that is more than otherwise, whichever is less', ...onPairs,
    source: `${WANG}, section 3.4`,
  },
};

export const roleTests: Readonly<Record<Role, RoleTest>> = { ...repeatsTests, ...pairsTests };

export const repeatsRoles = Object.keys(repeatsTests) as readonly RepeatsRole[];
export const pairsRoles = Object.keys(pairsTests) as readonly PairsRole[];

/** What a head scores in the test of a role. Attention is 0 to 1; effects are shares of the clean logit difference, positive where the head does what the role says. */
export interface HeadNumbers {
  readonly address: string;
  readonly attention: number;
  readonly attentionControl: number;
  readonly effect: number;
  readonly effectControl: number;
}

export interface HeadFinding extends HeadNumbers {
  readonly holds: boolean;
}

export interface RoleFinding {
  readonly role: Role;
  /** Why it could not be tested. */
  readonly untested: string | null;
  /** Every head, in the order of the model; none where it could not be tested. */
  readonly heads: readonly HeadFinding[];
}

/** Rows of random tokens: a start token, a stretch, and the same stretch again. */
export interface RepeatsProtocol {
  readonly rows: number;
  readonly period: number;
  readonly seed: number;
  /** What the tokenizer puts in front, as text; empty where it puts nothing. */
  readonly start: readonly string[];
  /** Mean over the rows of logit(next token) − logit(another token of the stretch), before the last token; and its standard error. */
  readonly clean: number;
  readonly error: number;
}

/** Pairs of prompts with two names. */
export interface PairsProtocol {
  readonly pairs: number;
  /** Mean over the pairs of logit(answer) − logit(other name) of the clean prompts, and its standard error. */
  readonly clean: number;
  readonly error: number;
}

export interface RolesReport {
  readonly repeats: RepeatsProtocol;
  /** Null where no pairs were given, or they cannot be used: the findings say why. */
  readonly pairs: PairsProtocol | null;
  readonly findings: readonly RoleFinding[];
  /** Runs of (part of) the model, each of one row. */
  readonly passes: number;
  readonly ms: number;
}
