/** Whole patterns of single heads: made of what was sent where that is whole, else fetched from the engine. */
import { CogscopeError, sentence } from '../../../src/shared/errors.ts';
import type { AttentionTile } from '../../../src/shared/protocol/attentionApi.ts';
import type { AttentionPlace, LayerPatterns, PatternTile } from '../../../src/shared/protocol/engineApi.ts';
import type { AttentionPanelApi } from '../../../src/shared/protocol/panelApi.ts';
import type { Host } from '../../lib/connect.ts';
import { spreadTile } from '../model/beside.ts';
import { addressOf, layerKey } from '../model/heads.ts';
import type { Head } from '../model/heads.ts';
import type { Run } from '../model/state.ts';
import { isWhole } from '../pattern/rows.ts';
import type { TileView } from '../pattern/headView.ts';
import type { Runner } from './run.ts';

/** Cells of one call: a megabyte, which holds nobody up on its way; and heads that are kept. */
const MAX_CELLS = 1 << 18;
const KEPT = 8;

/** Of a mean over prompts: the standard deviations. */
const SPREAD = 'spread';

/** A token, as the engine takes it; null: there is none. */
type Target = string | number | null;

/** What effects are asked about. */
export interface Aim {
  readonly target: Target;
  /** Somebody typed it, so that it may be none of the model's tokens. */
  readonly isTyped: boolean;
}

/** A head of one run: another run brings other layers. */
interface Entry {
  readonly layer: LayerPatterns;
  readonly head: number;
  readonly view: TileView | typeof SPREAD;
  /** Of `effect`: whose logit it is about. */
  readonly target: Target;
  readonly pending: Promise<AttentionTile>;
  tile: AttentionTile | undefined;
}

/** Rows of a layer's heads. */
type Part = AttentionPlace & Record<'row' | 'rows' | 'col' | 'cols', number>;

export class Tiles {
  private readonly host: Host<AttentionPanelApi>;
  private readonly runner: Runner;
  private readonly arrived: () => void;
  private readonly failed: (why: string) => void;
  private readonly aim: () => Aim;
  private entries: readonly Entry[] = [];

  constructor(host: Host<AttentionPanelApi>, runner: Runner, aim: () => Aim, arrived: () => void, failed: (why: string) => void) {
    this.host = host;
    this.runner = runner;
    this.arrived = arrived;
    this.failed = failed;
    this.aim = aim;
  }

  /** The tile, if it is here; otherwise it is asked for and `arrived` called when it has come. */
  peek(run: Run, head: Head, view: TileView = 'pattern'): AttentionTile | undefined {
    return this.entry(run, head, view)?.tile;
  }

  get(run: Run, head: Head, view: TileView = 'pattern'): Promise<AttentionTile> {
    return this.entry(run, head, view)?.pending ?? Promise.reject(new Error(`${addressOf(head)} has not come yet`));
  }

  /** The standard deviations of a mean, in the same way; undefined of what is no mean. */
  peekSpread(run: Run, head: Head): PatternTile | undefined {
    return run.mean && this.entry(run, head, SPREAD)?.tile;
  }

  getSpread(run: Run, head: Head): Promise<PatternTile> {
    return this.entry(run, head, SPREAD)?.pending ?? Promise.reject(new Error(`${addressOf(head)} has not come yet`));
  }

  private entry(run: Run, place: Head, view: Entry['view']): Entry | undefined {
    const { head } = place;
    const layer = run.layers.get(layerKey(place));
    const target = view === 'effect' ? this.aim().target : null;
    const known = this.entries.find((entry) => entry.layer === layer && entry.head === head && entry.view === view && entry.target === target);
    if (known || !layer) return known;
    const sent = view === 'pattern' ? layer.weights : view === SPREAD ? run.mean?.spreads.get(layerKey(place)) : undefined;
    if (isWhole(layer) && sent) {
      const cells = layer.rows * layer.cols;
      const tile = { rows: layer.rows, cols: layer.cols, values: sent.slice(head * cells, (head + 1) * cells) };
      return this.keep({ layer, head, view, target, tile, pending: Promise.resolve(tile) });
    }
    if (run.beside) {
      const { own, axes } = run.beside;
      const [ownLayer, axis] = [own.layers.get(layerKey(place)), axes.get(layerKey(place))];
      if (!ownLayer || !axis) return undefined;
      return this.fetched({ layer, head, view, target }, this.fetch(ownLayer, (bounds) => this.host.call('patternTile', { run: own.id ?? 0, ...bounds, head })).then((tile) => spreadTile(tile, axis)));
    }
    if (run.difference) {
      const { first, second } = run.difference;
      return this.fetched({ layer, head, view, target }, this.fetch(layer, (place) => this.host.call('differenceTile', { a: first.id ?? 0, b: second.id ?? 0, ...place, head })));
    }
    // A run that has just been asked for shows the layers of the one before, which the engine may no longer keep.
    if (run.id === null || (view !== 'pattern' && view !== SPREAD && run.phase !== 'done') || (view === 'effect' && target === null)) return undefined;
    const { id } = run;
    if (view === SPREAD) return this.fetched({ layer, head, view, target }, this.fetch(layer, (bounds) => this.host.call('spreadTile', { run: id, ...bounds, head })));
    const about = target === null ? {} : { target };
    return this.fetched({ layer, head, view, target }, this.fetch(layer, (bounds) => (view === 'pattern' ? this.host.call('patternTile', { run: id, ...bounds, head }) : this.host.call('attentionTile', { run: id, ...bounds, head, view, ...about }))));
  }

  private fetched(asked: Pick<Entry, 'layer' | 'head' | 'view' | 'target'>, pending: Promise<AttentionTile>): Entry {
    const entry = this.keep({ ...asked, tile: undefined, pending });
    entry.pending.then((tile) => {
      entry.tile = tile;
      this.runner.answered();
      this.arrived();
    }, (thrown: unknown) => {
      this.entries = this.entries.filter((other) => other !== entry);
      const say = (): void => this.failed(sentence(CogscopeError.describe(thrown)));
      // What is wrong with a token that was typed is nothing that another run would mend.
      if (asked.view === 'effect' && this.aim().isTyped) say();
      else void this.runner.wasLost(thrown).then((lost) => (lost ? undefined : say()));
    });
    return entry;
  }

  private keep(entry: Entry): Entry {
    this.entries = [entry, ...this.entries].slice(0, KEPT);
    return entry;
  }

  private async fetch({ tower, attention, layer, rows, cols }: LayerPatterns, ask: (part: Part) => Promise<AttentionTile>): Promise<AttentionTile> {
    const values = new Float32Array(rows * cols);
    const written: number[] = [];
    const step = Math.max(Math.floor(MAX_CELLS / cols), 1);
    for (let row = 0; row < rows; row += step) {
      const tile = await ask({ tower, attention, layer, row, rows: Math.min(step, rows - row), col: 0, cols });
      values.set(tile.values, row * cols);
      written.push(...tile.written ?? []);
    }
    return { rows, cols, values, ...(written.length === rows ? { written: Float32Array.from(written) } : {}) };
  }
}
