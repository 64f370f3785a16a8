/** What a capture is fed with: a tokenised prompt, or ids from a file, beside inputs from other files. */
import { CogscopeError } from '../../shared/errors.ts';
import type { CaptureParams, Prompt, TokenInfo } from '../../shared/protocol/engineApi.ts';
import { fitInput } from '../io/fit.ts';
import { readInputFile } from '../io/inputFile.ts';
import type { Value } from '../onnx/graph.ts';
import type { Tensor } from '../ort/tensor.ts';
import { towerOf } from '../program/inputs.ts';
import { take } from '../program/tensors.ts';
import type { ModelSession } from '../session.ts';
import { imageTensors, pixelsInput } from './imageInput.ts';
import { idsInputs, tokensOf, towerTokens } from './prompt.ts';
import type { IdsInput, TowerTokens } from './prompt.ts';

/** One run: each tower's tokens in each of its rows, and the inputs that files give. */
export interface Feed {
  readonly rows: readonly TowerTokens[];
  readonly given: ReadonlyMap<string, Tensor>;
  readonly image?: string;
}

/**
 * A run for each prompt or image, or one for the rows of an ids file. Throws 'usage' where there are no ids, or twice.
 * Tensors with as many rows as there are prompts are dealt out, a row to each.
 */
export async function captureFeeds(session: ModelSession, params: CaptureParams): Promise<readonly Feed[]> {
  const given = await readFiles(session, params.files ?? {});
  const images = await imagesOf(session, params.images ?? [], given);
  const inputs = idsInputs(session);
  const { prompts, others = {} } = params;
  const [main] = inputs;
  if (!main) {
    if (prompts.length > 0) throw new CogscopeError('usage', 'This model has no input for tokens that Cogscope recognises', 'Give each input with --input NAME=FILE');
    return images.length === 0 ? [{ rows: session.classes ? rowsWithoutTokens(given) : [], given }] : images.map((one) => withImage({ rows: [new Map()], given }, one));
  }
  const fromFile = inputs.flatMap((one) => {
    const tensor = given.get(one.input.name);
    return tensor ? [[one.name, tokenRows(session, tensor, one)] as const] : [];
  });
  const ofMain = given.has(main.input.name);
  if (ofMain && prompts.length > 0) throw new CogscopeError('usage', `Both a prompt and a file for "${main.input.name}" are given`, 'Leave one of them out');
  if (!ofMain && prompts.length === 0) throw new CogscopeError('usage', 'There is no prompt', `Give --prompt TEXT, --ids 1,2,3 or --input ${main.input.name}=FILE`);
  const count = prompts.length;
  if (images.length > 1 && count > 1 && images.length !== count) {
    throw new CogscopeError('usage', `There are ${count} prompts and ${images.length} images`, 'Give one image a prompt, or one of either for all');
  }
  const feeds = ofMain
    ? [{ rows: joined(session, new Map(fromFile), others), given }]
    : prompts.map((prompt, index): Feed => ({ rows: [towerTokens(session, prompt, otherPrompts(others, index, prompts.length), new Map(fromFile.map(([name, rows]) => [name, rows[Math.min(index, rows.length - 1)] ?? []])))], given: dealt(given, index, prompts.length) }));
  for (const feed of feeds) checkRows(session, feed);
  const [only] = feeds;
  // One prompt is run with each image, and one image goes with each prompt.
  return only && feeds.length === 1 && images.length > 1
    ? images.map((one) => withImage(only, one))
    : feeds.map((feed, index) => withImage(feed, images[images.length === 1 ? 0 : index]));
}

interface Image {
  readonly path: string;
  readonly input: string;
  readonly tensor: Tensor;
}

async function imagesOf(session: ModelSession, paths: readonly string[], given: ReadonlyMap<string, Tensor>): Promise<readonly Image[]> {
  const input = pixelsInput(session)?.name ?? '';
  if (paths.length > 0 && given.has(input)) throw new CogscopeError('usage', `Both an image and a file for "${input}" are given`, 'Leave one of them out');
  return (await imageTensors(session, paths)).map((tensor, index) => ({ path: paths[index] ?? '', input, tensor }));
}

const withImage = (feed: Feed, image: Image | undefined): Feed =>
  (image ? { ...feed, given: new Map([...feed.given, [image.input, image.tensor]]), image: image.path } : feed);

/** As many as the first file has, each to be classified. */
function rowsWithoutTokens(given: ReadonlyMap<string, Tensor>): Feed['rows'] {
  const [first] = given.values();
  return Array.from({ length: first?.dims[0] ?? 1 }, () => new Map());
}

/** Of each further tower the prompt that goes with one of `count`. */
export function otherPrompts(others: Readonly<Record<string, readonly Prompt[]>>, index: number, count: number): Readonly<Record<string, Prompt>> {
  return Object.fromEntries(Object.entries(others).map(([name, prompts]) => {
    const prompt = prompts.length === 1 ? prompts[0] : prompts[index];
    if (!prompt || (prompts.length !== 1 && prompts.length !== count)) {
      throw new CogscopeError('usage', `There are ${prompts.length} prompts for "${name}" and ${count} others`, 'Give one for each, or one for all');
    }
    return [name, prompt];
  }));
}

/** Rows of the first tower's file; further towers have theirs from files, or one prompt for all rows. */
function joined(session: ModelSession, files: ReadonlyMap<string, readonly (readonly TokenInfo[])[]>, others: Readonly<Record<string, readonly Prompt[]>>): readonly TowerTokens[] {
  const [main = []] = files.values();
  return main.map((tokens, row) => {
    const known = new Map([...files].map(([name, rows]) => {
      if (rows.length !== main.length) throw new CogscopeError('usage', `The ids for "${name}" have ${rows.length} rows and the others ${main.length}`, 'Give one row a prompt');
      return [name, rows[row] ?? []];
    }));
    return towerTokens(session, { kind: 'ids', ids: tokens.map((token) => token.id) }, otherPrompts(others, row, main.length), known);
  });
}

export async function readFiles(session: ModelSession, files: Readonly<Record<string, string>>): Promise<ReadonlyMap<string, Tensor>> {
  const { inputs } = session.model.graph;
  const given = new Map<string, Tensor>();
  for (const [name, path] of Object.entries(files)) {
    const input = inputs.find((candidate) => candidate.name === name);
    if (!input) throw new CogscopeError('usage', `The model has no input "${name}"`, `Its inputs are ${inputs.map((one) => one.name).join(', ')}`);
    given.set(name, fitInput(input, session.types, await readInputFile(path, name), path));
  }
  return given;
}

function tokenRows(session: ModelSession, tensor: Tensor, from: IdsInput): readonly (readonly TokenInfo[])[] {
  const length = tensor.dims.at(-1) ?? 0;
  const ids = Array.from(tensor.data, Number);
  const count = length === 0 ? 1 : ids.length / length;
  return Array.from({ length: count }, (_, row) => tokensOf(session, { kind: 'ids', ids: ids.slice(row * length, (row + 1) * length) }, from));
}

function dealt(given: ReadonlyMap<string, Tensor>, index: number, count: number): ReadonlyMap<string, Tensor> {
  if (count === 1) return given;
  return new Map([...given].map(([name, tensor]) => [name, tensor.dims.length > 1 && tensor.dims[0] === count ? take(tensor, 0, [index]) : tensor]));
}

/** Inputs that go along with the tokens must have their rows: the model would stretch the one to the other unasked. */
function checkRows(session: ModelSession, { rows, given }: Feed): void {
  for (const [name, tensor] of given) {
    const role = roleOf(session, name);
    const input = session.model.graph.inputs.find((candidate) => candidate.name === name);
    const tower = input && towerOf(input, session.anatomy);
    const length = tower === undefined ? undefined : rows[0]?.get(tower)?.length;
    if (length === undefined) continue;
    if (role !== 'mask' && role !== 'positions' && role !== 'types') continue;
    const [count = 1] = tensor.dims.length > 1 ? tensor.dims : [];
    if (count !== 1 && count !== rows.length) {
      throw new CogscopeError('usage', `Input "${name}" has ${count} rows for ${rows.length === 1 ? 'one prompt' : `${rows.length} prompts`}`, 'Give one row a prompt');
    }
    const hasPast = [...given.keys()].some((other) => roleOf(session, other) === 'past');
    if (tensor.dims.length <= 2 && !hasPast && tensor.dims.at(-1) !== length) {
      throw new CogscopeError('usage', `Input "${name}" has ${tensor.dims.at(-1) ?? 0} values for ${length} tokens`, 'Give one value a token');
    }
  }
}

function roleOf(session: ModelSession, name: string): string | undefined {
  const input: Value | undefined = session.model.graph.inputs.find((candidate) => candidate.name === name);
  return input && session.anatomy.roles.get(input);
}
