/** Nonlinearities by the names that the anatomy gives them, in double precision. */

/** By a Chebyshev fit of erfc that is good to 1.2e-7 everywhere (Press et al., Numerical Recipes, section 6.2). */
function erf(x: number): number {
  const z = Math.abs(x);
  const t = 1 / (1 + 0.5 * z);
  const series = [-1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223, 0.17087277];
  const exponent = series.reduceRight((sum, coefficient) => sum * t + coefficient, 0);
  const tail = t * Math.exp(-z * z + exponent);
  return x >= 0 ? 1 - tail : tail - 1;
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

const table: ReadonlyMap<string, (x: number) => number> = new Map([
  ['gelu', (x) => 0.5 * x * (1 + erf(x / Math.SQRT2))],
  ['gelu_tanh', (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))],
  ['quick_gelu', (x) => x * sigmoid(1.702 * x)],
  ['silu', (x) => x * sigmoid(x)],
  ['relu', (x) => Math.max(x, 0)],
  ['relu_squared', (x) => Math.max(x, 0) ** 2],
  ['tanh', Math.tanh],
  ['sigmoid', sigmoid],
]);

/** Undefined for one whose parameters are not read. */
export const nonlinearity = (name: string): ((x: number) => number) | undefined => table.get(name);
