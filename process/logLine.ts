/** Structured fields of a log line; errors are written with their stack. */
export type LogFields = Readonly<Record<string, unknown>>;

export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds these fields to each line. */
  child(fields: LogFields): Logger;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** `time level component message key=value…`, without a line break; `time` is RFC 3339. */
export function formatLine(time: string, level: string, component: string, message: string, fields: LogFields): string {
  const pairs = Object.entries(fields).map(([key, value]) => ` ${key}=${formatValue(value)}`);
  return `${time} ${level.padEnd(5)} ${component} ${message}${pairs.join('')}`;
}

function formatValue(value: unknown): string {
  if (value instanceof Error) return JSON.stringify(value.stack ?? value.message);
  if (typeof value === 'string') return /^[\w./:@-]+$/.test(value) ? value : JSON.stringify(value);
  return JSON.stringify(value) ?? 'undefined';
}

/** The same lines as those of `createLogger`, from `info` on, for a process that must stay small: without winston, whose loading alone takes 9 MiB. */
export function createPlainLogger(component: string, write: (text: string) => void, now: () => number): Logger {
  const make = (always: LogFields): Logger => {
    const log = (level: LogLevel) => (message: string, fields: LogFields = {}): void => write(`${formatLine(new Date(now()).toISOString(), level, component, message, { ...always, ...fields })}\n`);
    return { debug: () => undefined, info: log('info'), warn: log('warn'), error: log('error'), child: (fields) => make({ ...always, ...fields }) };
  };
  return make({});
}
