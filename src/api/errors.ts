import type { ErrorCode } from '../core/domain/error-codes';
import { ERROR_CODES } from '../core/domain/error-codes';
import { GatewayError, isGatewayError } from '../core/domain/errors';
import type { ErrorFamily, JsonObject } from './route';
import { InvalidFields } from './route';

interface ErrorAnswer {
  readonly status: number;
  readonly json: JsonObject;
  readonly headers: Readonly<Record<string, string>>;
  /** What the log calls it. */
  readonly code: ErrorCode;
}

/** The message of the contract for a wrong key; clients compare it. */
export const INVALID_KEY_MESSAGE = 'Invalid openalgo apikey';

const statusOf = (error: unknown): number | null =>
  typeof error === 'object' &&
  error !== null &&
  'status' in error &&
  typeof error.status === 'number'
    ? error.status
    : null;

/** Faults of the HTTP layer itself as ours; anything else is null, an internal fault. */
const fromHttpLayer = (error: unknown): GatewayError | null => {
  const status = statusOf(error);
  if (status === 413) return new GatewayError('BODY_TOO_LARGE', 'The body is larger than 64 KB.');
  if (status === 415) {
    return new GatewayError('BODY_NOT_JSON', 'Compressed bodies are not accepted.');
  }
  return status !== null && status >= 400 && status < 500
    ? new GatewayError('BODY_NOT_JSON', 'The request is malformed or was cut short.')
    : null;
};

/** Internal faults about which the caller, or who runs Toran, can do something; their messages hold no internals. */
const TOLD_AS_THEY_ARE: readonly ErrorCode[] = ['NOT_IMPLEMENTED', 'SECRET_UNREADABLE'];

/** Any thrown thing as one of ours; internals never reach the message. */
export const asGatewayError = (error: unknown): GatewayError => {
  if (isGatewayError(error)) {
    const isInternal = ERROR_CODES[error.code].family === 'InternalError';
    return isInternal && !TOLD_AS_THEY_ARE.includes(error.code) ? internal(error) : error;
  }
  return fromHttpLayer(error) ?? internal(error);
};

const internal = (cause: unknown): GatewayError =>
  new GatewayError(
    'INTERNAL',
    'Internal fault. If this was an order call, look it up before sending it again.',
    { cause },
  );

/** Body, status and headers of `error` in the shape of the route's family. */
export const errorAnswer = (
  error: GatewayError,
  family: ErrorFamily,
  correlationId: string,
): ErrorAnswer => {
  const entry = ERROR_CODES[error.code];
  const status =
    family === 'admin'
      ? entry.adminHttp
      : family === 'strategy' || family === 'chartink'
        ? (HOOK_STATUS[error.code] ?? entry.http)
        : entry.http;
  const retryAfter =
    status === 429 ? Math.max(1, Math.ceil((error.retryAfterMs ?? 0) / 1000)) : null;
  return {
    status,
    code: error.code,
    headers: retryAfter === null ? {} : { 'Retry-After': String(retryAfter) },
    json: {
      ...saidOf(error, family),
      ...extras(error, family, correlationId, status),
      ...(retryAfter === null ? {} : { retry_after: retryAfter }),
    },
  };
};

/** Where the contract of strategy and ChartInk webhooks differs from the table of codes. */
const HOOK_STATUS: Partial<Record<ErrorCode, number>> = {
  WEBHOOK_UNKNOWN: 404,
  WEBHOOK_PAUSED: 400,
  WEBHOOK_WINDOW: 400,
  WEBHOOK_SCOPE: 400,
};

/** The keys that the contract of the family fixes. */
const saidOf = (error: GatewayError, family: ErrorFamily): JsonObject => {
  if (family !== 'strategy' && family !== 'chartink') {
    return { status: 'error', message: messageOf(error, family) };
  }
  const said = error.code === 'WEBHOOK_UNKNOWN' ? 'Invalid webhook ID' : error.message;
  return family === 'strategy' ? { error: said } : { status: 'error', error: said };
};

const messageOf = (error: GatewayError, family: ErrorFamily): unknown => {
  if (family === 'object' && error instanceof InvalidFields) return error.fields;
  if (family !== 'admin' && error.code === 'INVALID_API_KEY') return INVALID_KEY_MESSAGE;
  // The contract's text for a wrong key must never appear for another reason.
  return error.code === 'INVALID_API_KEY' ? 'The API key is unknown or revoked.' : error.message;
};

/** Keys that we add to the contract's two; none for a wrong key, whose body the contract fixes. */
const extras = (
  error: GatewayError,
  family: ErrorFamily,
  correlationId: string,
  status: number,
): JsonObject => {
  if (family !== 'admin' && error.code === 'INVALID_API_KEY') return {};
  if ((family === 'strategy' || family === 'chartink') && error.code === 'WEBHOOK_UNKNOWN') {
    return {};
  }
  return {
    code: error.code,
    ...(error.field === null ? {} : { field: error.field }),
    ...(family === 'admin' || status >= 500 ? { correlation_id: correlationId } : {}),
  };
};
