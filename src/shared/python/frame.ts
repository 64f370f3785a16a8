/** A Python file: what it is, its imports in order, its constants and its functions. */
import { imports } from './python.ts';
import type { Import, Part } from './python.ts';

const STANDARD: readonly Import[] = ['json', 'math', 'sys', 'defaultdict', 'product', 'path', 'fmean'];

/** `about`: one line, which holds no text of anybody's own: that might end the docstring. The last part's functions end in the one that is run. */
export function pythonFile(about: string, parts: readonly Part[]): string {
  const used = new Set<Import>(['torch', 'sys', 'bridge', ...parts.flatMap((part) => part.imports)]);
  const listed = (Object.keys(imports) as Import[]).filter((name) => used.has(name));
  const isStandard = (name: Import): boolean => STANDARD.includes(name);
  return `${[
    docstring(about),
    [listed.filter(isStandard), listed.filter((name) => !isStandard(name))].map((group) => group.map((name) => imports[name]).join('\n')).join('\n\n'),
    '',
    parts.flatMap((part) => part.constants).join('\n'),
    ...parts.flatMap((part) => part.functions).map((text) => `\n\n${text}`),
  ].join('\n')}\n`;
}

const docstring = (about: string): string => `"""
${about}

    pip install transformer-lens==4.3.0
    python THIS_FILE MODEL

MODEL is what the ONNX file was exported from: its name on the Hugging Face Hub, or its folder. Weights are taken as they are: nothing is folded or centred.
"""`;

/** Lines at the start of `main`; the last one is without an end. */
export const boot = (hasTokenizer: boolean): string => `    torch.set_grad_enabled(False)
    bridge = TransformerBridge.boot_transformers(sys.argv[1])${hasTokenizer ? `
    # TransformerLens's own copy of the tokenizer would put a start token before every text.
    tokenizer = AutoTokenizer.from_pretrained(sys.argv[1])` : ''}`;

/** Runs `main` where the file is run. */
export const RUN = `if __name__ == "__main__":
    main()`;
