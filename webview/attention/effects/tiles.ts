/** Whole patterns of single heads: made of what was sent where that is whole, else fetched from the engine. */
import type { PatternTile } from '../../../src/shared/protocol/engineApi.ts';
import type { AttentionPanelApi } from '../../../src/shared/protocol/panelApi.ts';
import type { Host } from '../../lib/connect.ts';
import { addressOf, layerKey, towerPrefix } from '../model/heads.ts';
import type { Head } from '../model/heads.ts';
import type { Run } from '../model/state.ts';
import { isWhole } from '../pattern/rows.ts';
import type { Runner } from './run.ts';

/** Cells of one call (engineApi.ts), and heads that are kept. */
const MAX_CELLS = 1 << 20;
const KEPT = 6;

export class Tiles {
  private readonly host: Host<AttentionPanelApi>;
  private readonly runner: Runner;
  private readonly arrived: () => void;
  private readonly known = new Map<string, PatternTile>();
  private readonly asked = new Map<string, Promise<PatternTile>>();

  constructor(host: Host<AttentionPanelApi>, runner: Runner, arrived: () => void) {
    this.host = host;
    this.runner = runner;
    this.arrived = arrived;
  }

  /** The tile, if it is here; otherwise it is asked for and `arrived` called when it has come. */
  peek(run: Run, head: Head): PatternTile | undefined {
    const tile = this.known.get(keyOf(run, head));
    if (!tile && !this.asked.has(keyOf(run, head)) && run.layers.has(layerKey(head.tower, head.layer))) {
      void this.get(run, head).then(this.arrived, (thrown: unknown) => this.runner.again(thrown));
    }
    return tile;
  }

  get(run: Run, head: Head): Promise<PatternTile> {
    const key = keyOf(run, head);
    const tile = this.known.get(key);
    if (tile) return Promise.resolve(tile);
    const asked = this.asked.get(key) ?? this.make(run, head).finally(() => this.asked.delete(key));
    this.asked.set(key, asked);
    return asked;
  }

  private async make(run: Run, head: Head): Promise<PatternTile> {
    const layer = run.layers.get(layerKey(head.tower, head.layer));
    if (!layer || run.id === null) throw new Error(`${addressOf(head)} has not arrived`);
    const cells = layer.rows * layer.cols;
    const tile = isWhole(layer)
      ? { rows: layer.rows, cols: layer.cols, values: layer.weights.slice(head.head * cells, (head.head + 1) * cells) }
      : await this.fetch(run.id, head, layer.rows, layer.cols);
    this.known.set(keyOf(run, head), tile);
    const [oldest] = this.known.keys();
    if (this.known.size > KEPT && oldest !== undefined) this.known.delete(oldest);
    return tile;
  }

  private async fetch(run: number, { tower, layer, head }: Head, rows: number, cols: number): Promise<PatternTile> {
    const values = new Float32Array(rows * cols);
    const step = Math.max(Math.floor(MAX_CELLS / cols), 1);
    for (let row = 0; row < rows; row += step) {
      const tile = await this.host.call('patternTile', { run, tower: towerPrefix(tower), layer, head, row, rows: Math.min(step, rows - row), col: 0, cols });
      values.set(tile.values, row * cols);
    }
    this.runner.answered();
    return { rows, cols, values };
  }
}

const keyOf = (run: Run, head: Head): string => `${run.serial} ${addressOf(head)}`;
