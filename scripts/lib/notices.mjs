import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths.mjs';
import { Plain } from './steps.mjs';

/** Shipped as they are, beside the bundles. */
const UNBUNDLED = ['node_modules/onnxruntime-node', 'node_modules/onnxruntime-common'];

const MIT_OF_MICROSOFT = 'node_modules/@vscode/webview-ui-toolkit/LICENSE';
const APACHE = 'node_modules/@huggingface/tokenizers/LICENSE';

/** Where the text is of packages that come without one. Of a source file it is the comment that it begins with. */
const elsewhere = {
  'node_modules/@bufbuild/protobuf': [APACHE, 'node_modules/@bufbuild/protobuf/dist/esm/wire/varint.js'],
  'node_modules/@microsoft/fast-element': [MIT_OF_MICROSOFT],
  'node_modules/@microsoft/fast-foundation': [MIT_OF_MICROSOFT],
  'node_modules/@microsoft/fast-web-utilities': [MIT_OF_MICROSOFT],
  'node_modules/onnxruntime-common': [MIT_OF_MICROSOFT],
  'node_modules/onnxruntime-node': [MIT_OF_MICROSOFT],
};

const HEAD = `Cogscope contains the software below, each part under the licence that follows its name.
Its readers of ONNX and SentencePiece files are generated from schemas published by those projects under the Apache License 2.0.
This software is based in part on the work of the Independent JPEG Group.
`;

/**
 * The licences of all that is in the bundles, which esbuild's metafiles tell, and of what ships beside them.
 * Throws for a package that comes without a licence's text, unless the table above knows one.
 */
export function noticesOf(metafiles) {
  const inputs = metafiles.flatMap(({ outputs }) => Object.values(outputs)).flatMap((output) => Object.entries(output.inputs)).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  const folders = new Set([...inputs.flatMap(([path]) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? []), ...UNBUNDLED]);
  const owners = new Map();
  for (const folder of [...folders].sort()) {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    for (const text of textsOf(folder)) owners.set(text, [...(owners.get(text) ?? []), `${name} ${version}, ${license}`]);
  }
  const line = '-'.repeat(80);
  return [HEAD, ...[...owners].map(([text, names]) => `${names.join('\n')}\n\n${text}\n`)].join(`\n${line}\n`);
}

function textsOf(folder) {
  const own = readdirSync(join(root, folder), { recursive: true }).filter((file) => /(^|[\\/])(licen[cs]e|notices?)[^\\/]*$/i.test(file) && !file.includes('node_modules'));
  const files = own.length > 0 ? own.map((file) => join(folder, file)) : elsewhere[folder];
  if (files === undefined) throw new Plain(`${folder} comes without the text of its licence. Say in scripts/lib/notices.mjs where it is.`);
  return files.map((file) => {
    const text = readFileSync(join(root, file), 'utf8').replaceAll('\r\n', '\n');
    return (file.endsWith('.js') ? (/^(\/\/.*\n)+/.exec(text)?.[0] ?? '').replaceAll(/^\/\/ ?/gm, '') : text).trim();
  });
}
