/** What the opened head writes at the chosen token, in this run or of one source alone: asked for once the cursor rests. */
import { CogscopeError, sentence } from '../../../src/shared/errors.ts';
import type { HeadWrites, HeadWritesParams } from '../../../src/shared/protocol/attentionApi.ts';
import type { AttentionPanelApi } from '../../../src/shared/protocol/panelApi.ts';
import type { Host } from '../../lib/connect.ts';
import { addressOf } from '../model/heads.ts';
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
    const { run, head, writing, source } = state;
    if (!head || run?.phase !== 'done' || run.id === null) return undefined;
    const key = [run.serial, addressOf(head), positionOf(state), writing, ...(writing === 'run' ? [] : [source])].join(' ');
    if (key === this.key) return this.answer;
    this.key = key;
    this.answer = undefined;
    const params = {
      run: run.id, ...head, tower: head.tower === '' ? '' : `${head.tower}.`, position: positionOf(state), top: TOP,
      ...(writing === 'run' ? {} : { source: { position: source, reads: writing } }),
    };
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.fetch(key, params), REST);
    return undefined;
  }

  private async fetch(key: string, params: HeadWritesParams): Promise<void> {
    let answer: HeadWrites | string;
    try {
      answer = await this.host.call('headWrites', params);
    } catch (thrown) {
      if (await this.runner.wasLost(thrown)) return;
      answer = sentence(CogscopeError.describe(thrown));
    }
    if (this.key !== key) return;
    this.answer = answer;
    this.arrived();
  }
}
