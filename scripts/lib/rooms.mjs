/**
 * Who may import whom. Data flows one way: file -> skeleton -> graph -> anatomy -> program -> analysis -> protocol -> panel,
 * and nothing upstream knows what is downstream.
 *
 * `at` is a path from the repository's root: a folder (ends in `/`) or one file. The longest `at` that matches a file is its room.
 * `rooms` are the rooms it may import from besides itself, `packages` the packages and built-in modules; a trailing `*` is a prefix.
 */
export const rooms = [
  { name: 'shared', at: 'src/shared/', rooms: [], packages: [] },

  { name: 'onnx', at: 'src/engine/onnx/', rooms: ['shared'], packages: ['node:*', '@bufbuild/protobuf*'] },
  { name: 'ort', at: 'src/engine/ort/', rooms: ['shared', 'onnx'], packages: ['node:*', 'onnxruntime-node'] },
  { name: 'anatomy', at: 'src/engine/anatomy/', rooms: ['shared', 'onnx'], packages: ['node:*'] },
  { name: 'program', at: 'src/engine/program/', rooms: ['shared', 'onnx', 'ort', 'anatomy'], packages: ['node:*', '@bufbuild/protobuf'] },
  { name: 'analysis', at: 'src/engine/analysis/', rooms: ['shared', 'onnx', 'ort', 'anatomy', 'program'], packages: ['node:*'] },
  { name: 'beside', at: 'src/engine/beside.ts', rooms: [], packages: ['node:*'] },
  { name: 'text', at: 'src/engine/text/', rooms: ['shared', 'beside'], packages: ['node:*', '@huggingface/tokenizers', '@bufbuild/protobuf*'] },
  { name: 'image', at: 'src/engine/image/', rooms: ['shared'], packages: ['node:*', '@jsquash/jpeg*', 'fast-png'] },
  {
    name: 'neurons',
    at: 'src/engine/neurons/',
    rooms: ['shared', 'onnx', 'ort', 'anatomy', 'program', 'analysis', 'text'],
    packages: ['node:*', '@bufbuild/protobuf', 'csv-parse', 'hyparquet', 'hyparquet-writer'],
  },
  {
    name: 'engine',
    at: 'src/engine/',
    rooms: ['shared', 'onnx', 'ort', 'anatomy', 'program', 'analysis', 'beside', 'text', 'image', 'neurons'],
    packages: ['node:*'],
  },
  { name: 'experiments', at: 'src/experiments/', rooms: ['shared'], packages: ['node:*', 'jsonc-parser'] },
  { name: 'client', at: 'src/client/', rooms: ['shared'], packages: ['node:*'] },
  {
    name: 'cli',
    at: 'src/cli/',
    rooms: ['shared', 'client', 'experiments', 'engine', 'onnx', 'ort', 'anatomy', 'program', 'analysis', 'text', 'image'],
    packages: ['node:*'],
  },

  { name: 'host', at: 'src/host/', rooms: ['shared', 'client', 'experiments'], packages: ['node:*', 'vscode'] },
  { name: 'activation', at: 'src/extension.ts', rooms: ['shared', 'client', 'host'], packages: ['node:*', 'vscode'] },

  { name: 'controls', at: 'webview/lib/controls.ts', rooms: ['webview', 'shared'], packages: ['@vscode/webview-ui-toolkit'] },
  { name: 'webview', at: 'webview/', rooms: ['shared', 'controls'], packages: [] },

  { name: 'test', at: 'test/', rooms: ['*'], packages: ['*'] },
  { name: 'bench', at: 'bench/', rooms: ['*'], packages: ['*'] },
];

const within = (path, at) => (at.endsWith('/') ? path.startsWith(at) : path === at);
const matches = (patterns, name) =>
  patterns.some((pattern) => (pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name));

/** The room a file (path from the root, with `/`) lives in, or undefined. */
export function roomOf(path) {
  return rooms.filter((room) => within(path, room.at)).sort((a, b) => b.at.length - a.at.length)[0];
}

/**
 * Why `file` may not import `target`, or undefined where it may. `target` is a path from the root, with `/`, for a relative
 * import and `{ package }` for anything else.
 */
export function whyForbidden(file, target) {
  const room = roomOf(file);
  if (room === undefined) return undefined;
  if (typeof target !== 'string') {
    return matches(room.packages, target.package)
      ? undefined
      : `The room '${room.name}' may not import '${target.package}' (allowed: ${room.packages.join(', ') || 'no package'}).`;
  }
  const other = roomOf(target);
  if (other === room || matches(room.rooms, other?.name ?? '')) return undefined;
  const what = other === undefined ? `'${target}', which lies outside every room` : `the room '${other.name}'`;
  return `The room '${room.name}' may not import ${what} (allowed: ${room.rooms.join(', ') || 'only itself'}).`;
}
