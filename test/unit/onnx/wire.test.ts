/** Protobuf's wire format: fields are stepped over, whatever they hold, and what is no field is said to be none. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { CogscopeError } from '../../../src/shared/errors.ts';
import { WireReader } from '../../../src/engine/onnx/wire.ts';
import { Memory } from '../../lib/byteSources.ts';
import { randomNumbers } from '../../lib/random.ts';

const reader = (bytes: Uint8Array): WireReader => new WireReader(new Memory(bytes));

function refused(bytes: readonly number[], why: RegExp): void {
  const data = Uint8Array.from(bytes);
  assert.throws(() => reader(data).field(0, data.length), (error) => {
    assert.ok(error instanceof CogscopeError, String(error));
    assert.equal(error.code, 'unreadable');
    assert.match(error.message, why);
    return true;
  });
}

test('each kind of field, where it begins and ends, as the protobuf library wrote it', () => {
  const next = randomNumbers(1);
  const writer = new BinaryWriter();
  const expected: { readonly field: number; readonly wire: number; readonly bytes: number }[] = [];
  for (let index = 0; index < 500; index++) {
    const field = 1 + Math.floor(next() * 2 ** (1 + Math.floor(next() * 28)));
    const kind = index % 4;
    const length = Math.floor(next() * 300);
    if (kind === 0) writer.tag(field, WireType.Varint).int64(BigInt(Math.floor(next() * 2 ** 53)) * (next() < 0.2 ? -1n : 1n));
    else if (kind === 1) writer.tag(field, WireType.Bit64).double(next());
    else if (kind === 2) writer.tag(field, WireType.LengthDelimited).bytes(new Uint8Array(length));
    else writer.tag(field, WireType.Bit32).float(next());
    expected.push({ field, wire: [0, 1, 2, 5][kind] ?? 0, bytes: [-1, 8, length, 4][kind] ?? 0 });
  }
  const bytes = writer.finish();
  const library = new BinaryReader(bytes);
  const ours = reader(bytes);
  for (const { field, wire, bytes: size } of expected) {
    const found = ours.field(library.pos, bytes.length);
    assert.equal(found.start, library.pos);
    assert.deepEqual([found.field, found.wire], [field, wire], `field at ${library.pos}`);
    if (size >= 0) assert.equal(found.end - found.payload, size, `payload of the field at ${library.pos}`);
    const [number, type] = library.tag();
    library.skip(type, number);
    assert.equal(found.end, library.pos, `end of the field at ${found.start}`);
  }
});

test('a length past the end', () => refused([0x0a, 0x05, 1, 2, 3, 4], /runs past the end/));
test('a length past the end of the message that it stands in', () => {
  assert.throws(() => reader(new Uint8Array(64).fill(0x0a)).field(0, 8), /runs past the end/);
});
test('a length above 2^53', () => refused([0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 1], /above 2\^53/));
test('a length that is negative as 64 bits', () => refused([0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], /above 2\^53/));
test('a varint that never ends', () => refused(new Array<number>(4000).fill(0xff), /cut short or damaged/));
test('a value of eleven bytes', () => refused([0x08, ...new Array<number>(10).fill(0x80), 0x01], /cut short or damaged/));
test('field number 0', () => refused([0x00, 0x01], /cut short or damaged/));
test('a field number above 2^29', () => refused([0x80, 0x80, 0x80, 0x80, 0x10, 0x01], /cut short or damaged/));
test('groups, which ONNX does not have', () => {
  refused([0x0b, 0x08, 0x01, 0x0c], /cut short or damaged/);
  refused([0x0c], /cut short or damaged/);
});
test('kinds of field that do not exist', () => {
  refused([0x0e, 0x01], /cut short or damaged/);
  refused([0x0f, 0x01], /cut short or damaged/);
});
test('a fixed field cut short', () => {
  refused([0x09, 1, 2, 3, 4, 5, 6, 7], /8 bytes runs past the end/);
  refused([0x0d, 1, 2, 3], /4 bytes runs past the end/);
});
test('where the message has ended', () => refused([], /at byte 0/));
