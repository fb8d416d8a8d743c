import type { Outcome } from './experiment.ts';

/** One experiment, as it stands in the table. */
export interface Row {
  /** One fault, or two that happened together. */
  readonly faults: readonly { readonly name: string; readonly promise: string }[];
  readonly outcome: Outcome;
}

export const HEADER = '| fault | promised | seen | longest time without a write | writes acknowledged / without an answer | lists again |\n|---|---|---|---|---|---|';

/** A row of the Markdown table of what was promised and what was seen. */
export function tableRow({ faults, outcome }: Row): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
  const { problems, acknowledged, unknown, longestGap, relists } = outcome;
  const seen = problems.length === 0 ? 'kept' : `**not kept**: ${problems.slice(0, 3).join('; ')}${problems.length > 3 ? ` and ${problems.length - 3} more` : ''}`;
  const promise = [...new Set(faults.map((fault) => fault.promise))].join('; ');
  return `| ${cell(faults.map(({ name }) => name).join(' + '))} | ${cell(promise)} | ${cell(seen)} | ${(longestGap / 1000).toFixed(1)} s | ${acknowledged} / ${unknown} | ${relists} |`;
}

const BEGIN = '<!-- results of npm run test:chaos -->';
const END = '<!-- end of the results -->';

/** The page with other results in their place; throws where the page has no place for them. */
export function withResults(page: string, results: string): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`the page has no place for results: ${BEGIN} … ${END}`);
  return `${page.slice(0, begin + BEGIN.length)}\n${results}\n${page.slice(end)}`;
}
