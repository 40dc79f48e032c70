import pino from 'pino';
import type { LogFields, Logger } from '../core/ports/logger';
import { redactFields, redactText } from './redact';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** Where finished lines go; each ends with a newline. */
export interface LogSink {
  write(line: string): void;
}

export interface PinoLoggerOptions {
  readonly level: LogLevel;
  /** Lines for a person instead of JSON. */
  readonly pretty: boolean;
  /** Absent: standard output. */
  readonly sink?: LogSink;
}

/** A logger that writes one JSON object per line (pino); secrets are removed before pino sees them. */
export const createLogger = (options: PinoLoggerOptions): Logger => {
  const sink = options.sink ?? standardOutput();
  const target = options.pretty ? prettySink(sink) : sink;
  return new PinoLogger(
    pino({ level: options.level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, target),
  );
};

class PinoLogger implements Logger {
  private readonly pino: pino.Logger;

  constructor(target: pino.Logger) {
    this.pino = target;
  }

  debug(fields: LogFields, message: string): void {
    this.write('debug', fields, message);
  }

  info(fields: LogFields, message: string): void {
    this.write('info', fields, message);
  }

  warn(fields: LogFields, message: string): void {
    this.write('warn', fields, message);
  }

  error(fields: LogFields, message: string): void {
    this.write('error', fields, message);
  }

  child(fields: LogFields): Logger {
    return new PinoLogger(this.pino.child(redactFields(fields)));
  }

  private write(
    level: 'debug' | 'info' | 'warn' | 'error',
    fields: LogFields,
    message: string,
  ): void {
    if (this.pino.isLevelEnabled(level))
      this.pino[level](redactFields(fields), redactText(message));
  }
}

/** A full disk or a closed pipe behind standard output must not end the gateway. */
const standardOutput = (): LogSink => {
  const output = pino.destination({ fd: 1, sync: true });
  output.on('error', () => undefined);
  return output;
};

const LEVEL_WORDS: Readonly<Record<number, string>> = {
  20: 'debug',
  30: 'info ',
  40: 'WARN ',
  50: 'ERROR',
};

const prettySink = (sink: LogSink): LogSink => ({
  write: (line) => {
    sink.write(`${prettyLine(line)}\n`);
  },
});

const prettyLine = (line: string): string => {
  // Pino wrote it one call ago: always one JSON object with these keys.
  const { level, time, msg, ...fields } = JSON.parse(line) as Record<string, unknown> & {
    level: number;
    time: string;
    msg: string;
  };
  const rest = Object.entries(fields).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return [time, LEVEL_WORDS[level] ?? String(level), msg, ...rest].join(' ');
};
