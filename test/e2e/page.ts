/** One step of a page of documentation: commands that a reader types, and what they are told to expect. */
export interface PageStep {
  /** The heading above it. */
  readonly heading: string;
  readonly commands: string;
  /** Lines of which each has to be among what the commands print; `…` stands for anything, blanks for any blanks. */
  readonly expected: readonly string[];
}

/** The steps of a Markdown page: each `sh` block, with the `text` block that follows it before the next one. */
export function readPage(markdown: string): PageStep[] {
  const steps: PageStep[] = [];
  let heading = '';
  for (const match of markdown.matchAll(/^#+ (.*)$|^```(\w+)\n([\s\S]*?)^```$/gm)) {
    const [, title, language, content = ''] = match;
    if (title !== undefined) heading = title;
    else if (language === 'sh') steps.push({ heading, commands: content, expected: [] });
    else if (language === 'text') {
      const step = steps.pop();
      if (!step) throw new Error(`under "${heading}", an output stands before any command`);
      steps.push({ ...step, expected: content.split('\n').filter((line) => line !== '') });
    }
  }
  return steps;
}

/** Those of the expected lines that the output has not got. */
export function linesMissing(expected: readonly string[], output: string): string[] {
  const lines = output.split('\n').map((line) => line.trim());
  return expected.filter((line) => {
    const pattern = line.trim().split(/\s+/).map((word) => word.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*'));
    const whole = new RegExp(`^${pattern.join('\\s*')}$`);
    return !lines.some((each) => whole.test(each));
  });
}
