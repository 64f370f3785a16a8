/** Image files as the input that a model has for pixels. */
import { CogscopeError } from '../../shared/errors.ts';
import { locateBeside } from '../beside.ts';
import { PROCESSOR_FILE, readProcessor } from '../image/config.ts';
import { readPicture } from '../image/decode.ts';
import type { Picture } from '../image/picture.ts';
import { fitPicture, pixelsOf } from '../image/process.ts';
import { asNumber } from '../onnx/infer/dim.ts';
import type { Value } from '../onnx/graph.ts';
import { makeTensor } from '../ort/tensor.ts';
import type { Tensor } from '../ort/tensor.ts';
import type { ModelSession } from '../session.ts';

/** The input for pixels. */
export function pixelsInput(session: ModelSession): Value | undefined {
  return session.model.graph.inputs.find((input) => session.anatomy.roles.get(input) === 'pixels');
}

/** {@link imageTensor} of each. */
export async function imageTensors(session: ModelSession, paths: readonly string[]): Promise<readonly Tensor[]> {
  const tensors: Tensor[] = [];
  for (const path of paths) tensors.push((await imageTensor(session, path)).tensor);
  return tensors;
}

/**
 * An image as [1, 3, height, width], prepared as the preprocessor_config.json by the model says, and as a person sees it. Throws 'usage' where the
 * model takes no images or there is no such file, 'unreadable' for an image that cannot be read, and 'refused' where the sizes do not fit.
 */
export async function imageTensor(session: ModelSession, path: string): Promise<{ readonly picture: Picture; readonly tensor: Tensor }> {
  const input = pixelsInput(session);
  if (!input) throw new CogscopeError('usage', 'This model has no input for images that Cogscope recognises', 'Give each input with --input NAME=FILE');
  const config = locateBeside(session.model.path, PROCESSOR_FILE);
  if (config === undefined) {
    throw new CogscopeError('usage', `There is no ${PROCESSOR_FILE} beside the model or up to two folders above it, so how images are prepared is not known`, `Put it there, or give the pixels with --input ${input.name}=FILE.npy`);
  }
  const processor = readProcessor(config);
  const picture = fitPicture(await readPicture(path), processor);
  const { width, height, data } = pixelsOf(picture, processor);
  const dims = [1, 3, height, width];
  checkShape(session, input, dims, config);
  return { picture, tensor: makeTensor(session.types.of(input).elemType, dims, [...data]) };
}

function checkShape(session: ModelSession, input: Value, dims: readonly number[], config: string): void {
  const shape = session.types.of(input).shape ?? [];
  const fixed = shape.map(asNumber);
  if (shape.length === 0 || (shape.length === dims.length && fixed.every((size, axis) => size === undefined || size === dims[axis]))) return;
  const [rows, ...image] = fixed;
  if (rows !== undefined && rows !== 1) throw new CogscopeError('refused', `The model takes exactly ${rows} images at a time`, 'Export it with a dynamic batch, or for one image');
  throw new CogscopeError(
    'refused', `Prepared images are ${dims.slice(1).join(' × ')} (channels, height, width), and input "${input.name}" takes ${image.map((size) => size ?? 'any').join(' × ')}`,
    `Use the model’s own ${PROCESSOR_FILE}`, config);
}
