/** What compresses the pages of Parquet files: Snappy is in the reader itself, the others are Node's own. */
import * as zlib from 'node:zlib';
import type { CompressionCodec, Compressors } from 'hyparquet';

/** Never more than the page says that it holds. */
const within = (unpack: (bytes: Uint8Array, options: { readonly maxOutputLength: number }) => Uint8Array) => (bytes: Uint8Array, length: number): Uint8Array => unpack(bytes, { maxOutputLength: Math.max(length, 1) });

export const compressors: Compressors = {
  GZIP: within(zlib.gunzipSync),
  BROTLI: within(zlib.brotliDecompressSync),
  // Node has it from 22.15 on.
  ...('zstdDecompressSync' in zlib ? { ZSTD: within(zlib.zstdDecompressSync) } : {}),
};

export const readCodecs: readonly CompressionCodec[] = ['UNCOMPRESSED', 'SNAPPY', ...(Object.keys(compressors) as CompressionCodec[])];
