import type { z } from 'zod';
import { GatewayError } from '../../core/domain/errors';
import { brokerOrderId } from '../../core/domain/ids';
import type { CommandOutcome } from '../../core/ports/broker';
import type { HttpResult } from '../../core/ports/http';
import { commandData, envelope } from './wire/envelope';
import type { Envelope } from './wire/envelope';

/** Documented refusals with their status. Any other code, or one of these with another status, proves nothing. */
const REFUSALS: Readonly<Record<string, number>> = {
  INVALID_QUANTITY: 400,
  INVALID_PRICE: 400,
  INVALID_FIELD: 400,
  INVALID_BODY: 400,
  RISK_REJECTED: 400,
  INSUFFICIENT_FUNDS: 400,
  ORDER_NOT_FOUND: 404,
  ORDER_FINISHED: 409,
};
/** Documented as "not looked at": a command answered so was not taken. */
const THROTTLE = { status: 429, code: 'TOO_MANY_REQUESTS' } as const;
const DEAD_SESSION = { status: 401, code: 'SESSION_EXPIRED' } as const;

type Response = Extract<HttpResult, { kind: 'response' }>;
type Failure = Extract<HttpResult, { kind: 'failure' }>;
type Unknown = Extract<CommandOutcome, { kind: 'unknown' }>;

const unknown = (why: Unknown['why'], cause: unknown): Unknown => ({ kind: 'unknown', why, cause });

/** How a command ended. `expected` is the order that a modify or cancel was for; null for a place. */
export const commandOutcome = (result: HttpResult, expected: string | null): CommandOutcome => {
  if (result.kind === 'failure') return failedOutcome(result);
  const { status } = result;
  if (status >= 500) return unknown('server-error', new Error(`HTTP ${status}`));
  const read = readEnvelope(result);
  if ('fault' in read) return unknown('bad-reply', read.fault);
  const answer = read.envelope;
  if (answer.status === 'error') return refusedOutcome(status, answer);
  const data = commandData.safeParse(answer.data);
  if (status !== 200 || !data.success) {
    return unknown('bad-reply', new Error(`HTTP ${status} without a usable order_id`));
  }
  if (expected !== null && data.data.order_id !== expected) {
    return unknown('bad-reply', new Error('the answer names another order'));
  }
  return { kind: 'accepted', brokerOrderId: brokerOrderId(data.data.order_id) };
};

const failedOutcome = (failure: Failure): CommandOutcome => {
  if (failure.stage === 'connect') {
    const ours = failure.why === 'aborted' || failure.why === 'too-late';
    return { kind: 'not-sent', why: ours ? 'aborted' : 'no-connection' };
  }
  switch (failure.why) {
    case 'timeout':
    case 'aborted':
    case 'too-late':
      return unknown('timeout', failure.cause);
    case 'reset':
    case 'refused':
      return unknown('reset', failure.cause);
    case 'too-large':
      return unknown('bad-reply', failure.cause);
  }
};

const refusedOutcome = (
  status: number,
  answer: Extract<Envelope, { status: 'error' }>,
): CommandOutcome => {
  const { code, message } = answer;
  if (status === THROTTLE.status && code === THROTTLE.code) {
    return answer.retry_after_ms === undefined
      ? { kind: 'not-sent', why: 'rate-limit' }
      : { kind: 'not-sent', why: 'rate-limit', retryAfterMs: answer.retry_after_ms };
  }
  if (status === DEAD_SESSION.status && code === DEAD_SESSION.code) {
    return { kind: 'not-sent', why: 'no-session' };
  }
  if (REFUSALS[code] === status) return { kind: 'rejected', code, message };
  return unknown('bad-reply', new Error(`HTTP ${status} with the unlisted code ${code}`));
};

/** The data of a query's answer. @throws GatewayError for everything else; see the codes. */
export const queryData = <T>(
  result: HttpResult,
  schema: z.ZodType<T>,
  what: string,
  correlationId: string,
): T => {
  if (result.kind === 'failure') throw failedQuery(result, what, correlationId);
  const read = readEnvelope(result);
  if ('fault' in read) {
    throw new GatewayError(read.cut ? 'TRUNCATED' : 'SCHEMA', `${what}: ${read.fault.message}`, {
      correlationId,
      cause: read.fault,
    });
  }
  const answer = read.envelope;
  if (answer.status === 'error') throw refusedQuery(result.status, answer, what, correlationId);
  const parsed = schema.safeParse(answer.data);
  if (result.status === 200 && parsed.success) return parsed.data;
  const issue = parsed.error?.issues[0];
  const detail =
    issue === undefined
      ? `HTTP ${result.status}`
      : `${issue.path.join('.')} ${shown(answer.data, issue.path)}: ${issue.message}`;
  throw new GatewayError('SCHEMA', `${what}: ${detail}`, { correlationId });
};

/** One row of a book. @throws GatewayError SCHEMA that names the row and the value at fault */
export const rowData = <T>(
  row: unknown,
  index: number,
  schema: z.ZodType<T>,
  what: string,
  correlationId: string,
): T => {
  const parsed = schema.safeParse(row);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue?.path ?? [];
  const detail = `${[index, ...path].join('.')} ${shown(row, path)}: ${issue?.message ?? ''}`;
  throw new GatewayError('SCHEMA', `${what}: ${detail}`, { correlationId });
};

const failedQuery = (failure: Failure, what: string, correlationId: string): GatewayError => {
  const details = { correlationId, cause: failure.cause };
  const text = `${what}: ${failure.why} (${failure.stage})`;
  if (failure.why === 'timeout' || failure.why === 'aborted' || failure.why === 'too-late') {
    return new GatewayError('TIMEOUT', text, details);
  }
  if (failure.stage === 'connect') return new GatewayError('CONNECT', text, details);
  return new GatewayError(failure.why === 'too-large' ? 'TRUNCATED' : 'RESET', text, details);
};

const refusedQuery = (
  status: number,
  answer: Extract<Envelope, { status: 'error' }>,
  what: string,
  correlationId: string,
): GatewayError => {
  const details = { correlationId, brokerCode: answer.code };
  if (status === THROTTLE.status && answer.code === THROTTLE.code) {
    const wait = answer.retry_after_ms;
    return new GatewayError('BROKER_THROTTLED', `${what}: too many requests`, {
      ...details,
      ...(wait === undefined ? {} : { retryAfterMs: wait }),
    });
  }
  if (status === DEAD_SESSION.status && answer.code === DEAD_SESSION.code) {
    return new GatewayError('SESSION_EXPIRED', `${what}: the session is over`, details);
  }
  if (REFUSALS[answer.code] === status) {
    return new GatewayError('BROKER_REFUSED', `${what}: ${answer.message}`, details);
  }
  return new GatewayError('SCHEMA', `${what}: HTTP ${status}, code ${answer.code}`, details);
};

type Read =
  | { readonly envelope: Envelope }
  /** `cut`: it began as JSON and stopped. */
  | { readonly fault: Error; readonly cut: boolean };

const readEnvelope = (response: Response): Read => {
  const text = new TextDecoder().decode(response.body).trim();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    const cut = text.startsWith('{');
    return { fault: new Error(`HTTP ${response.status} ${cut ? 'cut short' : 'no JSON'}`), cut };
  }
  const parsed = envelope.safeParse(json);
  if (parsed.success) return { envelope: parsed.data };
  return { fault: new Error(`HTTP ${response.status} in an unknown envelope`), cut: false };
};

/** The offending value itself, shortened: a word that we do not know has to be named. */
const shown = (data: unknown, path: readonly PropertyKey[]): string => {
  let value = data;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return 'absent';
    value = Object.getOwnPropertyDescriptor(value, key)?.value as unknown; // any by its declaration
  }
  return (JSON.stringify(value) as string | undefined)?.slice(0, 40) ?? 'absent'; // undefined for undefined
};
