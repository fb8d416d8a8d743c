/** Something that is wrong with an expression, at an index into its code points. */
export interface Issue {
  readonly at: number;
  readonly text: string;
}

/** Most issues that are shown of one expression. */
const SHOWN = 100;

/** Issues as cel-go prints them: each with its line of the text, and a caret below. */
export function formatIssues(text: string, issues: readonly Issue[]): string {
  const characters = Array.from(text);
  return issues
    .toSorted((a, b) => a.at - b.at)
    .slice(0, SHOWN)
    .map((issue) => formatIssue(characters, issue))
    .join('\n');
}

function formatIssue(characters: readonly string[], { at, text }: Issue): string {
  const before = characters.slice(0, at);
  const line = before.filter((each) => each === '\n').length + 1;
  const start = before.lastIndexOf('\n') + 1;
  const column = at - start;
  const end = characters.indexOf('\n', start);
  const shown = characters.slice(start, end < 0 ? undefined : end);
  const isWide = (character: string | undefined): boolean => character !== undefined && character > '\u007F';
  const dots = shown.slice(0, column).map((each) => (isWide(each) ? '．' : '.')).join('');
  return `ERROR: <input>:${line}:${column + 1}: ${text}\n | ${shown.join('').replaceAll('\t', ' ')}\n | ${dots}${isWide(shown[column]) ? '＾' : '^'}`;
}
