export type LogFields = Readonly<Record<string, unknown>>;

/** Structured log. Secrets never go in; the adapter behind it redacts known names as a second net. */
export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  child(fields: LogFields): Logger;
}
