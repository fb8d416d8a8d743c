import { type Flag, durationFlag, FlagError, type FlagValues, integerFlag, stringFlag } from '../../process/flags.ts';
import { formatGoDuration, readGoDuration } from '../../process/goDuration.ts';
import { readGoInteger } from '../../process/goNumbers.ts';
import type { LogSettings } from '../../process/log.ts';

const moduleFlag = (usage: string): Flag<string> => ({
  usage,
  default: '',
  boolean: false,
  parse(text) {
    const isWrong = text.split(',').filter((each) => each !== '').some((each) => {
      const [, level] = /^[^=]+=([^=]+)$/.exec(each) ?? [];
      return level === undefined || typeof readGoInteger(level, 32) === 'string';
    });
    if (isWrong) throw new FlagError('syntax error: expect comma-separated list of filename=N');
    return text;
  },
});

/** What is written to the log; Kubernetes' own names. They count for a component that has its process to itself. */
export const loggingFlags = {
  'logging-format': stringFlag('text', 'form of the log: text, json'),
  v: { ...integerFlag(0, 'how much is told; from 4 on everything that there is to tell', 32), shorthand: 'v' },
  vmodule: moduleFlag('FILE=N between commas; without effect: how much is told is the same in all files'),
  'log-flush-frequency': { ...durationFlag(5_000, 'without effect: every line is written at once'), parse: readFrequency },
} as const;

/** As klog reads it, which says nothing else. */
function readFrequency(text: string): number {
  const frequency = readGoDuration(text);
  if (typeof frequency === 'string') throw new FlagError('parse error');
  return frequency;
}

/** What Kubernetes says of values that do not go. */
export function loggingFaults(values: FlagValues<typeof loggingFlags>): string[] {
  const { 'logging-format': format, vmodule } = values;
  return [
    ...(values['log-flush-frequency'] <= 0 ? [`flushFrequency: Invalid value: ${JSON.stringify(formatGoDuration(values['log-flush-frequency']))}: Must be greater than zero`] : []),
    ...(format === 'text' || format === 'json' ? [] : [`format: Invalid value: ${JSON.stringify(format)}: Unsupported log format`]),
    ...(vmodule !== '' && format !== 'text' ? ['vmodule: Forbidden: Only supported for text log format'] : []),
  ];
}

const EVERYTHING = 4;

/** Whatever flags a component has. */
export function logSettingsOf(values: Readonly<Record<string, unknown>>): LogSettings {
  return { level: typeof values['v'] === 'number' && values['v'] >= EVERYTHING ? 'debug' : 'info', format: values['logging-format'] === 'json' ? 'json' : 'text' };
}
