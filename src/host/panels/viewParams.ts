/** What a panel says of what it shows. Pure. */
import { MOST_PROMPTS } from '../../shared/protocol/averageApi.ts';
import type { PanelView, ShownText, ShownView, ViewOf } from '../../shared/python/view.ts';
import { flag, list, object, oneOf, orNull, union, whole } from './check.ts';
import type { Check } from './check.ts';
import { detection, MANY, prompt, PROMPT_TOKENS, token } from './promptParams.ts';

const position = whole(-MANY, MANY);
const ids = list(whole(0, MANY), PROMPT_TOKENS);
const target = orNull(token);

const writes = object<ViewOf<'writes'>>({ kind: oneOf(['writes']), position, source: whole(0, MANY), reads: oneOf(['run', 'state', 'embedding']) });

/** First and last id of a stretch. */
const stretch: Check<readonly [number, number]> = (value, at) => {
  const [first = 0, last = -1] = list(whole(0, MANY), 2)(value, at);
  return [first, last];
};

const shownText = union<ShownText>({
  run: object({ kind: oneOf(['run']) }),
  repeated: object({ kind: oneOf(['repeated']), rows: whole(1, MANY), seed: whole(0, MANY), period: whole(1, MANY), start: ids, end: ids, length: whole(2, MANY), pool: list(stretch, PROMPT_TOKENS) }),
});

const view = union<ShownView>({
  pattern: object({ kind: oneOf(['pattern']) }),
  scores: object({ kind: oneOf(['scores']) }),
  weighted: object({ kind: oneOf(['weighted']) }),
  rollout: object({ kind: oneOf(['rollout']) }),
  effect: object({ kind: oneOf(['effect']), target }),
  difference: object({ kind: oneOf(['difference']), second: prompt, columns: list(list(whole(-1, MANY), 2), PROMPT_TOKENS) }),
  mean: object({ kind: oneOf(['mean']), prompts: list(prompt, MOST_PROMPTS) }),
  writes,
  outputs: object({ kind: oneOf(['outputs']), position, target }),
  headScores: object({ kind: oneOf(['headScores']), pattern: detection, text: shownText }),
  lens: object({ kind: oneOf(['lens']), mid: flag, target, distractor: target, positions: list(position, PROMPT_TOKENS) }),
});

export const panelView = object<PanelView>({ prompt, view: orNull(view), writes: orNull(writes), edited: flag });
