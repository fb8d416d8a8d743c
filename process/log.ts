import winston from 'winston';
import { formatJson, formatLine, type Logger, type LogLevel } from './logLine.ts';

export type { LogFields, Logger, LogLevel } from './logLine.ts';

export interface LogSettings {
  readonly level: LogLevel;
  /** Lines of `time level component message key=value…`, or of JSON as Kubernetes' components write it. */
  readonly format: 'text' | 'json';
}

/** Writes lines to standard error; as text, and from the level `info` on, unless told otherwise. */
export function createLogger(component: string, { level = 'info', format = 'text' }: Partial<LogSettings> = {}): Logger {
  const write = format === 'json' ? formatJson : formatLine;
  const line = winston.format.printf((info) => {
    const { level: at, message, timestamp, component: name, ...fields } = info;
    return write(String(timestamp), at, String(name), String(message), fields);
  });
  const logger = winston.createLogger({
    level,
    format: winston.format.combine(winston.format.timestamp(), line),
    transports: [new winston.transports.Console({ stderrLevels: ['debug', 'info', 'warn', 'error'] })],
  });
  return wrap(logger.child({ component }));
}

/** Drops everything; for tests. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
};

function wrap(logger: winston.Logger): Logger {
  return {
    debug: (message, fields) => void logger.debug(message, fields),
    info: (message, fields) => void logger.info(message, fields),
    warn: (message, fields) => void logger.warn(message, fields),
    error: (message, fields) => void logger.error(message, fields),
    child: (fields) => wrap(logger.child(fields)),
  };
}
