// The bundler turns an imported stylesheet into a file beside the script; to the type checker it is only a side effect.
declare module '*.css' {}
