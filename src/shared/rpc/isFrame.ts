import type { Frame } from './frames.ts';

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
const isId = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) > 0;
/** A buffer that came as something else is the reader's to refuse, so that whoever waits for it is told. */
const isPacked = (value: unknown): boolean => isObject(value) && Array.isArray(value['table']) && typeof value['buffer'] === 'object';
const isText = (value: unknown): boolean => typeof value === 'string' && value.length < 200;

const checks: Readonly<Record<Frame['kind'], (frame: Fields) => boolean>> = {
  call: (frame) => isId(frame['id']) && isText(frame['method']) && isPacked(frame['body']),
  ok: (frame) => isId(frame['id']) && isPacked(frame['body']),
  error: (frame) => isId(frame['id']) && isObject(frame['error']),
  cancel: (frame) => isId(frame['id']),
  progress: (frame) => isId(frame['id']) && isPacked(frame['body']),
  event: (frame) => isText(frame['method']) && isPacked(frame['body']),
};

/** Whether something that arrived is a frame; what is inside the body is the handler's to check. */
export function isFrame(value: unknown): value is Frame {
  if (!isObject(value)) return false;
  const kind = value['kind'];
  return typeof kind === 'string' && Object.hasOwn(checks, kind) && checks[kind as Frame['kind']](value);
}
