import { dirname, relative, resolve, sep } from 'node:path';
import { whyForbidden } from './rooms.mjs';

/** The lint rule `cogscope/rooms`: every import, static or dynamic, of values or types, is held against the table in rooms.mjs. */
const rule = {
  meta: { type: 'problem', schema: [], docs: { description: 'Enforce who may import whom' } },
  create(context) {
    const file = relative(context.cwd, context.filename).split(sep).join('/');

    const check = (source) => {
      if (source?.type !== 'Literal' || typeof source.value !== 'string') return;
      const name = source.value;
      const target = name.startsWith('.')
        ? relative(context.cwd, resolve(dirname(context.filename), name)).split(sep).join('/')
        : { package: name };
      const message = whyForbidden(file, target);
      if (message !== undefined) context.report({ node: source, message });
    };

    return {
      ImportDeclaration: (node) => check(node.source),
      ExportNamedDeclaration: (node) => check(node.source),
      ExportAllDeclaration: (node) => check(node.source),
      ImportExpression: (node) => check(node.source),
      TSImportType: (node) => check(node.source ?? node.argument?.literal),
      'CallExpression[callee.name="require"]': (node) => check(node.arguments[0]),
    };
  },
};

export default { meta: { name: 'cogscope' }, rules: { rooms: rule } };
