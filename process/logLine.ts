/** Structured fields of a log line; errors that are expected are their message, others have their stack. */
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

/** One line of JSON with the names that Kubernetes' components give: `ts` is milliseconds since 1970, `v` is 4 for what is told only to who asks for much, and errors have no `v`. */
export function formatJson(time: string, level: string, component: string, message: string, fields: LogFields): string {
  const { error, ...others } = fields;
  const shown = Object.fromEntries(Object.entries(others).map(([key, value]) => [key, value instanceof Error ? messageOf(value) : value]));
  const cause = error === undefined ? {} : { err: error instanceof Error ? messageOf(error) : error };
  return JSON.stringify({ ts: Date.parse(time), logger: component, msg: message, ...(level === 'error' ? {} : { v: level === 'debug' ? 4 : 0 }), ...cause, ...shown });
}

function formatValue(value: unknown): string {
  if (value instanceof Error) return JSON.stringify(isExpected(value) ? messageOf(value) : (value.stack ?? value.message));
  if (typeof value === 'string') return /^[\w./:@-]+$/.test(value) ? value : JSON.stringify(value);
  return JSON.stringify(value) ?? 'undefined';
}

/** A refusal or an outage rather than a mistake in the program: answers below 500 (and 503, 504) and the system's codes (`ECONNREFUSED`). */
function isExpected(error: Error): boolean {
  const code: unknown = 'code' in error ? error.code : undefined;
  if (typeof code === 'number') return code >= 400 && (code < 500 || code === 503 || code === 504);
  return error.name === 'ConnectionError' || error.name === 'CommandError' || (typeof code === 'string' && /^E[A-Z0-9]+$/.test(code));
}

/** Of several attempts (one per address of a host), the reasons of all. */
function messageOf(error: Error): string {
  const message = error instanceof AggregateError ? [error.message, ...error.errors.map(String)].filter(Boolean).join('; ') : error.message;
  return `${error.name}: ${message}`;
}

/** The same lines as those of `createLogger`, from `info` on, for a process that must stay small: without winston, whose loading alone takes 9 MiB. */
export function createPlainLogger(component: string, write: (text: string) => void, now: () => number): Logger {
  const make = (always: LogFields): Logger => {
    const log = (level: LogLevel) => (message: string, fields: LogFields = {}): void => write(`${formatLine(new Date(now()).toISOString(), level, component, message, { ...always, ...fields })}\n`);
    return { debug: () => undefined, info: log('info'), warn: log('warn'), error: log('error'), child: (fields) => make({ ...always, ...fields }) };
  };
  return make({});
}
