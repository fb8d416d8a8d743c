/** One measured value, as it stands in the table. `reference` is the same figure of the reference Kubernetes (docs/benchmarks.md says which). */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly reference?: number;
}

/** A Markdown table: figure, Gantry, reference, and the ratio of the two. */
export function table(figures: readonly Figure[]): string {
  const show = (value: number): string => (value >= 100 ? Math.round(value).toString() : value.toPrecision(2));
  const rows = figures.map(({ name, value, unit, reference }) => `| ${name} | ${show(value)} ${unit} | ${reference === undefined ? '' : `${show(reference)} ${unit}`} | ${reference === undefined ? '' : (value / reference).toFixed(2)} |`);
  return ['| figure | Gantry | reference | ratio |', '|---|---|---|---|', ...rows].join('\n');
}
