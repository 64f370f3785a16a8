/** Arrow keys over rows of things: one of them is in the tab order at a time, and it is the one that was last used. */

const ITEM = '[data-rove]';
const ROW = '[data-rove-row]';
const PAGE = 10;

/** Items carry `data-rove`, the rows around them `data-rove-row`; both are looked up anew at each key, so rows may come and go. */
export function rove(container: HTMLElement): void {
  container.addEventListener('focusin', (event) => {
    const item = event.target instanceof Element ? event.target.closest<HTMLElement>(ITEM) : null;
    if (item) makeCurrent(container, item);
  });
  container.addEventListener('keydown', (event) => {
    const item = event.target instanceof Element ? event.target.closest<HTMLElement>(ITEM) : null;
    const next = item && target(container, item, event);
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
  refreshRove(container);
}

/** To be called when items have come or gone: exactly one is reachable by Tab, whatever happened. */
export function refreshRove(container: HTMLElement): void {
  const items = visible(container, ITEM);
  const current = items.find((item) => item.tabIndex === 0) ?? items[0];
  if (current) makeCurrent(container, current);
}

function makeCurrent(container: HTMLElement, current: HTMLElement): void {
  for (const item of container.querySelectorAll<HTMLElement>(ITEM)) item.tabIndex = item === current ? 0 : -1;
}

const visible = (within: Element, selector: string): readonly HTMLElement[] =>
  [...within.querySelectorAll<HTMLElement>(selector)].filter((element) => element.checkVisibility());

function target(container: HTMLElement, item: HTMLElement, event: KeyboardEvent): HTMLElement | undefined {
  const row = item.closest<HTMLElement>(ROW);
  if (!row || event.altKey || event.shiftKey) return undefined;
  const jump = event.ctrlKey || event.metaKey;
  const inRow = visible(row, ITEM);
  const column = inRow.indexOf(item);
  const rows = visible(container, ROW).filter((other) => other.querySelector(ITEM));
  const at = rows.indexOf(row);
  const rowAt = (index: number): HTMLElement | undefined => rows[Math.max(0, Math.min(rows.length - 1, index))];
  const sameColumn = (of: HTMLElement | undefined): HTMLElement | undefined => {
    const items = of ? visible(of, ITEM) : [];
    return items[Math.min(column, items.length - 1)];
  };
  switch (event.key) {
    case 'ArrowLeft':
      return inRow[column - 1];
    case 'ArrowRight':
      return inRow[column + 1];
    case 'ArrowUp':
      return at > 0 ? sameColumn(rowAt(at - 1)) : undefined;
    case 'ArrowDown':
      return at < rows.length - 1 ? sameColumn(rowAt(at + 1)) : undefined;
    case 'PageUp':
      return sameColumn(rowAt(at - PAGE));
    case 'PageDown':
      return sameColumn(rowAt(at + PAGE));
    case 'Home':
      return jump ? rowAt(0)?.querySelector<HTMLElement>(ITEM) ?? undefined : inRow[0];
    case 'End':
      return jump ? [...(rowAt(rows.length - 1)?.querySelectorAll<HTMLElement>(ITEM) ?? [])].at(-1) : inRow.at(-1);
    default:
      return undefined;
  }
}
