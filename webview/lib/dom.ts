/** Elements by their names in HTML, typed. Text is always text: nothing here ever parses markup. */
export type Child = Node | string | number | null | undefined | false | readonly Child[];

type Listener<E extends Event> = (event: E) => void;
type ListenerName = `on${keyof HTMLElementEventMap}`;
type Attributes =
  & { readonly [K in ListenerName]?: K extends `on${infer N extends keyof HTMLElementEventMap}` ? Listener<HTMLElementEventMap[N]> : never }
  & { readonly [name: string]: string | number | boolean | null | undefined | ((event: never) => void) };

/** `h('button', { class: 'x', onclick }, 'Text')`. True sets an empty attribute; false, null and undefined leave it out. */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Attributes = {}, ...children: readonly Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value as EventListener);
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value === true ? '' : String(value));
  }
  append(element, children);
  return element;
}

function append(parent: Node, children: readonly Child[]): void {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (isList(child)) append(parent, child);
    else parent.appendChild(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

const isList = (child: Child): child is readonly Child[] => Array.isArray(child);

/** A name that may break behind its dots, dashes and slashes, and nowhere else. */
export const breakable = (name: string): readonly Child[] => name.split(/(?<=[._/\\-])/).flatMap((part, index) => (index === 0 ? [part] : [document.createElement('wbr'), part]));
