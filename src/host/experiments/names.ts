/** How experiments' files are named. */
export const SUFFIX = '.cogscope.json';

/** The last part of a URI's path. */
export const nameOf = ({ path }: { readonly path: string }): string => path.slice(path.lastIndexOf('/') + 1);
