import { z } from 'zod';
import { GatewayError } from '../../core/domain/errors';
import { brokerOrderId } from '../../core/domain/ids';
import type { CommandOutcome } from '../../core/ports/broker';
import type { HttpResult } from '../../core/ports/http';
import { LIMITS, readText } from './texts';
import type { IciciMeaning, LimitSpan } from './texts';

type Response = Extract<HttpResult, { kind: 'response' }>;
type Failure = Extract<HttpResult, { kind: 'failure' }>;
type Unknown = Extract<CommandOutcome, { kind: 'unknown' }>;

/** What one answer says, before anybody asks what that proves of a command or a query. */
export type IciciAnswer =
  | { readonly kind: 'success'; readonly data: unknown }
  | { readonly kind: 'nothing-found'; readonly words: string }
  | { readonly kind: 'dead-session'; readonly words: string }
  | { readonly kind: 'limit'; readonly per: LimitSpan; readonly words: string }
  /** `listed`: the very text is known; otherwise its words speak of a refusal. */
  | { readonly kind: 'refused'; readonly words: string; readonly listed: boolean }
  /** A text that proves no refusal: a failure behind the door, or one that nobody knows. */
  | { readonly kind: 'unproven'; readonly words: string }
  | { readonly kind: 'server-error'; readonly fault: Error }
  /** `cut`: it began as JSON and stopped. */
  | { readonly kind: 'unreadable'; readonly fault: Error; readonly cut: boolean }
  | { readonly kind: 'no-answer'; readonly failure: Failure };

const envelope = z.object({
  // Refusals at the door lack it.
  Success: z.unknown().optional(),
  Status: z.number(),
  Error: z.string().nullable().optional(),
});

/** `Status` of a refusal at the door, before anything was looked at; the same words elsewhere prove nothing. */
const DOOR = 5;
/** HTTP statuses with which it was seen: 401 since 2026, 200 before. */
const DOOR_HTTP: readonly number[] = [200, 401];
/** `Status` of an answer that has what was asked for. */
const OK = 200;
/** `Status` of a refusal, and of an empty list now and then. */
const REFUSED: readonly number[] = [500, 404];

/** Reads one result of the HTTP port. */
export const readAnswer = (result: HttpResult): IciciAnswer => {
  if (result.kind === 'failure') return { kind: 'no-answer', failure: result };
  const read = readEnvelope(result);
  if (result.status >= 500) {
    const cause = 'fault' in read ? read.fault.message : (read.Error ?? 'no words');
    return { kind: 'server-error', fault: new Error(`HTTP ${result.status}: ${cause}`) };
  }
  if ('fault' in read) return { kind: 'unreadable', ...read };
  const words = (read.Error ?? '').trim();
  const { meaning, listed } = readText(words);
  if (read.Status === DOOR && DOOR_HTTP.includes(result.status)) {
    if (meaning === 'dead-session') return { kind: 'dead-session', words };
    if (isLimit(meaning)) return { kind: 'limit', per: LIMITS[meaning], words };
  }
  const odd = (): IciciAnswer => ({
    kind: 'unreadable',
    fault: new Error(`HTTP ${result.status}, Status ${read.Status}: ${words}`),
    cut: false,
  });
  if (result.status !== 200) return odd();
  if (read.Status === OK) {
    if (meaning === 'nothing-found' && isNothing(read.Success)) {
      return { kind: 'nothing-found', words };
    }
    return words === '' ? { kind: 'success', data: read.Success } : odd();
  }
  if (!REFUSED.includes(read.Status)) return odd();
  if (meaning === 'nothing-found') return { kind: 'nothing-found', words };
  return meaning === 'refusal' ? { kind: 'refused', words, listed } : { kind: 'unproven', words };
};

const isLimit = (meaning: IciciMeaning): meaning is keyof typeof LIMITS => meaning in LIMITS;

const isNothing = (value: unknown): boolean => value === null || value === undefined;

type Read = z.infer<typeof envelope> | { readonly fault: Error; readonly cut: boolean };

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
  if (parsed.success) return parsed.data;
  return { fault: new Error(`HTTP ${response.status} in an unknown envelope`), cut: false };
};

const unknown = (why: Unknown['why'], cause: unknown): Unknown => ({ kind: 'unknown', why, cause });

/** What the caller of a command adds to an answer. */
export interface CommandFacts {
  /** The order that a modify or cancel was for; null for a place. */
  readonly expected: string | null;
  /** Takes the broker's id out of `Success`. */
  readonly idOf: z.ZodType<string>;
  /** How long calls rest after "too many calls", milliseconds. */
  readonly restMs: (per: LimitSpan) => number;
  /** Said with a refusal that nobody knows. */
  readonly hint: string;
}

/** How a command ended: `rejected` and `not-sent` only with proof, see texts.ts. */
export const commandOutcome = (answer: IciciAnswer, facts: CommandFacts): CommandOutcome => {
  switch (answer.kind) {
    case 'success':
      return acceptedOutcome(answer.data, facts);
    case 'dead-session':
      return { kind: 'not-sent', why: 'no-session' };
    case 'limit':
      return { kind: 'not-sent', why: 'rate-limit', retryAfterMs: facts.restMs(answer.per) };
    case 'nothing-found':
      // Said of an order that was to be changed it means that there is none; of a new order, nothing.
      return facts.expected === null
        ? unknown('bad-reply', new Error(answer.words))
        : { kind: 'rejected', code: 'ORDER_NOT_FOUND', message: answer.words };
    case 'refused': {
      const { words, listed } = answer;
      return {
        kind: 'rejected',
        code: 'BROKER_REFUSED',
        message: listed ? words : `${words} (${facts.hint})`,
      };
    }
    case 'unproven':
      return unknown('bad-reply', new Error(answer.words));
    case 'server-error':
      return unknown('server-error', answer.fault);
    case 'unreadable':
      return unknown('bad-reply', answer.fault);
    case 'no-answer':
      return failedOutcome(answer.failure);
  }
};

const acceptedOutcome = (
  data: unknown,
  { idOf, expected }: Pick<CommandFacts, 'idOf' | 'expected'>,
): CommandOutcome => {
  const { success, data: id } = idOf.safeParse(data);
  if (!success) return unknown('bad-reply', new Error('a success without a usable id'));
  if (expected !== null && id !== expected) {
    return unknown('bad-reply', new Error('the answer names another order'));
  }
  return { kind: 'accepted', brokerOrderId: brokerOrderId(id) };
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

/** The error of a query that has no data; `nothing-found` where a list was not what was asked for. */
export const queryError = (
  answer: Exclude<IciciAnswer, { kind: 'success' }>,
  what: string,
  correlationId: string,
  restMs: (per: LimitSpan) => number,
): GatewayError => {
  const details = { correlationId };
  switch (answer.kind) {
    case 'dead-session':
      return new GatewayError(
        'SESSION_EXPIRED',
        `${what}: ICICI says “${answer.words}”: the session is over, log the account in again`,
        details,
      );
    case 'limit':
      return new GatewayError('BROKER_THROTTLED', `${what}: ${answer.words}`, {
        ...details,
        retryAfterMs: restMs(answer.per),
      });
    case 'nothing-found':
    case 'refused':
      return new GatewayError('BROKER_REFUSED', `${what}: ${answer.words}`, details);
    case 'unproven':
      return new GatewayError('SCHEMA', `${what}: ${answer.words}`, details);
    case 'server-error':
      return new GatewayError('SCHEMA', `${what}: ${answer.fault.message}`, details);
    case 'unreadable':
      return new GatewayError(
        answer.cut ? 'TRUNCATED' : 'SCHEMA',
        `${what}: ${answer.fault.message}`,
        details,
      );
    case 'no-answer':
      return failedQuery(answer.failure, what, correlationId);
  }
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

/** `value` by its schema. @throws GatewayError SCHEMA that names the field and the value at fault */
export const parsed = <T>(
  value: unknown,
  schema: z.ZodType<T>,
  what: string,
  correlationId: string,
): T => {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const path = issue?.path ?? [];
  const text = `${what}: ${path.join('.')} ${shown(value, path)}: ${issue?.message ?? ''}`;
  throw new GatewayError('SCHEMA', text, { correlationId });
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
