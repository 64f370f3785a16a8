/** Which documents the engine can read: files on the machine where the extension runs. Pure. */
import type { ErrorData } from '../../shared/errors.ts';

/** What VS Code calls files: the second in windows that see them through a connection. */
const fileSchemes: readonly string[] = ['file', 'vscode-remote'];

interface Sentence {
  readonly what: string;
  readonly todo: string;
}

const sentences: Readonly<Record<string, Sentence>> = {
  git: { what: 'This is a version of the model from git’s history, not a file', todo: 'Check that version out to inspect it' },
  untitled: { what: 'This model has not been saved to a file', todo: 'Save it, and open the file' },
};
const otherwise: Sentence = {
  what: 'This model is not a file on the machine where Cogscope runs, and the engine reads nothing else',
  todo: 'Save it to a folder of that machine, and open it there',
};

/** Why a document of this scheme cannot be inspected; undefined for files. */
export function whyNoFile(scheme: string): ErrorData | undefined {
  if (fileSchemes.includes(scheme)) return undefined;
  const sentence = (Object.hasOwn(sentences, scheme) ? sentences[scheme] : undefined) ?? otherwise;
  return { code: 'refused', ...sentence, where: `${scheme}:`, detail: '' };
}
