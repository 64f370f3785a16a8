/**
 * Going on behind a run: its keys and values are fed as the past of the next token. In a merged file that is the other of its
 * two models; elsewhere the model itself.
 */
import { CogscopeError } from '../../shared/errors.ts';
import { cachedOperands, linkCaches } from '../anatomy/caches.ts';
import type { CacheLink } from '../anatomy/caches.ts';
import { readAnatomy } from '../anatomy/read.ts';
import type { Value } from '../onnx/graph.ts';
import { inferTypes } from '../onnx/infer/infer.ts';
import type { TypeTable } from '../onnx/infer/infer.ts';
import { OnnxModel } from '../onnx/model.ts';
import { makeTensor, toFloat32 } from '../ort/tensor.ts';
import type { Tensor } from '../ort/tensor.ts';
import { chainShape, predictingTower } from '../program/chain.ts';
import { towerOf } from '../program/inputs.ts';
import { Program } from '../program/program.ts';
import type { ModelSession } from '../session.ts';

type Inputs = ReadonlyMap<Value, Tensor>;

/** The model that takes a past, with its chain. */
interface Taker {
  readonly model: OnnxModel;
  readonly types: TypeTable;
  readonly program: Program;
  readonly links: readonly CacheLink[];
}

export class Continuation {
  private readonly session: ModelSession;
  private readonly starter: Program;
  private readonly taker: Taker;
  /** By the taker's inputs. */
  private past = new Map<Value, Tensor>();
  /** What the prompt was run with, by name. */
  private fed: ReadonlyMap<string, Tensor> = new Map();
  private total = 0;

  private constructor(session: ModelSession, starter: Program, taker: Taker) {
    this.session = session;
    this.starter = starter;
    this.taker = taker;
  }

  /** A string says why the model cannot go on from a past. */
  static async open(session: ModelSession): Promise<Continuation | string> {
    const { model, types, anatomy } = session;
    const { shape } = session.getProgram();
    const pasts = new Set([...anatomy.roles].filter(([, role]) => role === 'past').map(([input]) => input));
    if (pasts.size === 0) return 'the model takes no past keys and values';
    if (shape.sharesScale) return 'one scale spans all tokens, so that keys and values of a part are not those of the whole';
    const isMerged = model.cacheSwitch !== undefined;
    const other = isMerged ? await OnnxModel.open(model.path, { withPast: true }) : model;
    const otherTypes = isMerged ? inferTypes(other) : types;
    const given = new Set(other.graph.inputs.filter((input) => [...pasts].some((past) => past.name === input.name)));
    const links = linkCaches(cachedOperands(model.graph, types, pasts), cachedOperands(other.graph, otherTypes, given), given);
    if (typeof links === 'string') {
      if (isMerged) await other.close();
      return links;
    }
    const settings = { ...session.settings, level: session.level };
    const handedOn = links.flatMap(({ next }) => next ?? []);
    const starter = new Program(model, types, withTaps(shape, [...links.map(({ first }) => first), ...(isMerged ? [] : handedOn)]), settings);
    if (!isMerged) return new Continuation(session, starter, { model, types, program: starter, links });
    const logits = other.graph.outputs[shape.logits?.outputIndex ?? 0];
    const program = new Program(other, otherTypes, withTaps({ ...chainShape(other, otherTypes, readAnatomy(other, otherTypes)), logits }, handedOn), settings);
    return new Continuation(session, starter, { model: other, types: otherTypes, program, links });
  }

  /** The prompt, without a past. Logits of its last position. */
  async start(inputs: Inputs, length: number, signal: AbortSignal): Promise<Float32Array> {
    // A weight belongs to one live session: the others make theirs anew.
    const { links, program } = this.taker;
    await this.session.releaseProgram();
    if (this.starter !== program) await program.release();
    const output = await this.starter.run({ inputs, taps: links.map((link) => link.first), logits: [length - 1], signal });
    if (this.starter !== program) await this.starter.release();
    this.fed = new Map([...inputs].map(([value, tensor]) => [value.name, tensor]));
    this.total = length;
    this.past = new Map(links.map((link) => [link.past, this.grown(link, output.taps.get(link.first))]));
    return lastRow(output.logits);
  }

  /** One more token, from what is kept of all before it. Its logits. */
  async step(id: number, signal: AbortSignal): Promise<Float32Array> {
    this.total++;
    const { links, program, model } = this.taker;
    const inputs = new Map(model.graph.inputs.map((input) => [input, this.past.get(input) ?? this.feed(input, id)]));
    const output = await program.run({ inputs, taps: links.flatMap((link) => link.next ?? []), signal });
    for (const link of links) if (link.next) this.past.set(link.past, this.grown(link, output.taps.get(link.next)));
    return lastRow(output.logits);
  }

  async release(): Promise<void> {
    const { program, model } = this.taker;
    await this.starter.release();
    await program.release();
    if (model !== this.session.model) await model.close();
  }

  /** What an input that is no past holds for one token. */
  private feed(input: Value, id: number): Tensor {
    const { model, types } = this.taker;
    const { roles } = this.session.anatomy;
    const own = this.session.model.graph.inputs[input.inputIndex];
    const before = this.fed.get(input.name);
    if (!own || !before) throw new CogscopeError('refused', `Input "${input.name}" cannot be filled for a token behind a past`, 'Run the whole text instead');
    const { elemType } = types.of(input);
    const values = Array.from(before.data as ArrayLike<number | bigint>, Number);
    const single = (value: number): Tensor => makeTensor(elemType, before.dims.map(() => 1), [value]);
    switch (roles.get(own)) {
      case 'ids': return this.isContinued(own) ? single(id) : before;
      case 'mask': return this.isContinued(own) ? makeTensor(elemType, [...before.dims.slice(0, -1), this.total], [...values, ...Array.from({ length: this.total - values.length }, () => 1)]) : before;
      case 'positions': return this.isContinued(own) ? single((values.at(-1) ?? 0) + this.total - values.length) : before;
      case 'types': return this.isContinued(own) ? single(values.at(-1) ?? 0) : before;
      case 'cache': return makeTensor(elemType, before.dims, before.dims.map(() => Number(model.cacheSwitch?.value)));
      default: return before;
    }
  }

  /** Whether an input goes along with the tokens that are continued, and not with what another stream gives. */
  private isContinued(input: Value): boolean {
    return towerOf(input, this.session.anatomy) === (predictingTower(this.session.anatomy)?.name ?? '');
  }

  /** Throws 'refused' where what is handed on does not hold all tokens so far. */
  private grown({ past, next }: CacheLink, present: Tensor | undefined): Tensor {
    if (present && (next === null || present.dims.includes(this.total))) return present;
    throw new CogscopeError('refused', `What goes on as "${past.name}" has the shape ${present?.dims.join('×') ?? 'of nothing'} behind ${this.total} tokens`, 'Run the whole text instead');
  }
}

function withTaps(shape: Program['shape'], more: readonly Value[]): Program['shape'] {
  return { ...shape, taps: [...new Set([...shape.taps, ...more])] };
}

/** Logits of the last position that they were made for. */
export function lastRow(logits: Tensor | null): Float32Array {
  const vocab = logits?.dims.at(-1) ?? 0;
  if (!logits || vocab === 0) throw new CogscopeError('internal', 'The run gave no logits');
  return toFloat32(logits).slice(-vocab);
}
