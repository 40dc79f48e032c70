import type { ErrorCode } from './error-codes';
import { ERROR_CODES } from './error-codes';

/** What the caller may do: never send the same again, try later, or only after a login. */
export type Retry = 'never' | 'later' | 'after-login';

export interface ErrorDetails {
  /** The request field that is at fault, in the spelling of the API. */
  readonly field?: string;
  readonly brokerCode?: string;
  readonly correlationId?: string;
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/**
 * Every fault that Toran raises itself. Switch on `code`, never on the class or the text.
 * Codes, meanings and HTTP statuses are in error-codes.ts.
 */
export class GatewayError extends Error {
  readonly code: ErrorCode;
  readonly field: string | null;
  readonly brokerCode: string | null;
  readonly correlationId: string | null;
  readonly retryAfterMs: number | null;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = ERROR_CODES[code].family;
    this.code = code;
    this.field = details.field ?? null;
    this.brokerCode = details.brokerCode ?? null;
    this.correlationId = details.correlationId ?? null;
    this.retryAfterMs = details.retryAfterMs ?? null;
  }

  get retry(): Retry {
    return ERROR_CODES[this.code].retry;
  }
}

/** Survives module copies, unlike instanceof. */
export const isGatewayError = (error: unknown): error is GatewayError =>
  error instanceof Error &&
  'code' in error &&
  typeof error.code === 'string' &&
  error.code in ERROR_CODES;
