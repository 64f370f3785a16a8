/** A name that is not in use, which it is from now on: `base`, or `base` with a number behind it. */
export function freshName(base: string, used: Set<string>): string {
  let name = base;
  for (let count = 2; used.has(name); count++) name = `${base}.${count}`;
  used.add(name);
  return name;
}
