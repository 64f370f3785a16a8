/** A token as text, with muted marks for what would not be seen. */
import { h } from '../dom.ts';
import { visiblePieces } from '../../../src/shared/visible.ts';

export const tokenText = (text: string): readonly (HTMLElement | string)[] =>
  visiblePieces(text).map((piece) => (piece.kind === 'text' ? piece.text : h('span', { class: 'mark' }, piece.text)));
