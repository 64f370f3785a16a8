/** What the opened head writes at the chosen token: asked for once the cursor rests there. */
import { CogscopeError, sentence } from '../../../src/shared/errors.ts';
import type { HeadWrites } from '../../../src/shared/protocol/attentionApi.ts';
import type { AttentionPanelApi } from '../../../src/shared/protocol/panelApi.ts';
import type { Host } from '../../lib/connect.ts';
import { addressOf } from '../model/heads.ts';
import type { Head } from '../model/heads.ts';
import { positionOf } from '../model/read.ts';
import type { State } from '../model/state.ts';
import type { Runner } from './run.ts';

/** Tokens of either end, and milliseconds that the cursor rests before they are asked for. */
const [TOP, REST] = [5, 150];

export class Writes {
  private readonly host: Host<AttentionPanelApi>;
  private readonly runner: Runner;
  private readonly arrived: () => void;
  private key = '';
  private answer: HeadWrites | string | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: Host<AttentionPanelApi>, runner: Runner, arrived: () => void) {
    this.host = host;
    this.runner = runner;
    this.arrived = arrived;
  }

  /** The tokens, or why there are none; undefined while they are asked for. */
  peek(state: State): HeadWrites | string | undefined {
    const { run, head } = state;
    if (!head || run?.phase !== 'done' || run.id === null) return undefined;
    const key = `${run.serial} ${addressOf(head)} ${positionOf(state)}`;
    if (key === this.key) return this.answer;
    this.key = key;
    this.answer = undefined;
    const { id } = run;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.fetch(key, id, head, positionOf(state)), REST);
    return undefined;
  }

  private async fetch(key: string, run: number, { tower, ...place }: Head, position: number): Promise<void> {
    let answer: HeadWrites | string;
    try {
      answer = await this.host.call('headWrites', { run, tower: tower === '' ? '' : `${tower}.`, ...place, position, top: TOP });
    } catch (thrown) {
      if (await this.runner.wasLost(thrown)) return;
      answer = sentence(CogscopeError.describe(thrown));
    }
    if (this.key !== key) return;
    this.answer = answer;
    this.arrived();
  }
}
