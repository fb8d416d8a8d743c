import { dirname } from 'node:path';
import type { RigHost } from '../rig/host.ts';
import { kubectlPath } from '../rig/kubectl.ts';
import { eventually } from '../rig/processes.ts';
import { repositoryRoot } from '../rig/repositoryRoot.ts';

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

/** How a step went; what was printed only where something is not as the page says. */
export interface Followed {
  readonly code: number | null;
  readonly missing: readonly string[];
  readonly output?: string;
}

/** Commands that change nothing: a reader who is too fast for the cluster looks again. */
const LOOKS = /^(curl (?!.*--data)|kubectl (get|logs|exec|rollout history) )/;
const PATIENCE_MILLISECONDS = 120_000;

/** Types the commands of a step in the checkout on a host, and looks again where one only looks, until everything is as the page says. */
export async function follow(host: RigHost, { commands, expected }: Pick<PageStep, 'commands' | 'expected'>): Promise<Followed> {
  const lines = commands.split('\n').filter((line) => line !== '');
  const looks = lines.filter((line) => LOOKS.test(line));
  let output = '';
  const type = async (line: string): Promise<number | null> => {
    const env = { PATH: `${dirname(kubectlPath('1.32'))}:${host.environment['PATH']}` };
    const { code, stdout, stderr } = await host.exec(['bash', '-c', `cd ${repositoryRoot}\n${line}`], { timeoutMilliseconds: 600_000, env });
    output += stdout + stderr;
    return code;
  };
  const again = async (ask: () => Promise<true | undefined>): Promise<true | undefined> => eventually('it is as the page says', PATIENCE_MILLISECONDS, ask).catch(() => undefined);
  for (const line of lines) {
    let code = await type(line);
    if (code !== 0 && looks.includes(line)) await again(async () => ((code = await type(line)) === 0 ? true : undefined));
    if (code !== 0) return { code, missing: linesMissing(expected, output), output };
  }
  const complete = (): boolean => linesMissing(expected, output).length === 0;
  if (!complete() && looks.length > 0) {
    await again(async () => {
      for (const line of looks) await type(line);
      return complete() ? true : undefined;
    });
  }
  return complete() ? { code: 0, missing: [] } : { code: 0, missing: linesMissing(expected, output), output };
}
