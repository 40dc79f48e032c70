import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { commandOutcome, queryData } from '../../../src/brokers/neutral/errors';
import type { HttpResult } from '../../../src/core/ports/http';

const response = (status: number, body: unknown): HttpResult => ({
  kind: 'response',
  status,
  headers: {},
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
});
type Failure = Extract<HttpResult, { kind: 'failure' }>;
const failure = (stage: Failure['stage'], why: Failure['why']): HttpResult => ({
  kind: 'failure',
  stage,
  why,
  cause: null,
});
const error = (code: string, more = {}): unknown => ({
  status: 'error',
  code,
  message: 'words of the broker',
  ...more,
});
const ok = (id: string): unknown => ({ status: 'ok', data: { order_id: id } });

describe('the outcome of a command at the neutral broker', () => {
  it.each([
    ['an id in a valid answer', response(200, ok('N1')), { kind: 'accepted', brokerOrderId: 'N1' }],
    ['an id under another status', response(202, ok('N1')), { kind: 'unknown', why: 'bad-reply' }],
    ['no id', response(200, { status: 'ok', data: {} }), { kind: 'unknown', why: 'bad-reply' }],
    ['an empty id', response(200, ok('')), { kind: 'unknown', why: 'bad-reply' }],
    ['no envelope', response(200, [1]), { kind: 'unknown', why: 'bad-reply' }],
    ['an empty body', response(200, ''), { kind: 'unknown', why: 'bad-reply' }],
    [
      'a listed refusal',
      response(400, error('RISK_REJECTED')),
      { kind: 'rejected', code: 'RISK_REJECTED', message: 'words of the broker' },
    ],
    [
      'a listed refusal under 200',
      response(200, error('RISK_REJECTED')),
      { kind: 'unknown', why: 'bad-reply' },
    ],
    [
      'a listed refusal under 500',
      response(500, error('RISK_REJECTED')),
      { kind: 'unknown', why: 'server-error' },
    ],
    ['an unlisted code', response(400, error('WHATEVER')), { kind: 'unknown', why: 'bad-reply' }],
    [
      'a name of Object.prototype as code',
      response(400, error('constructor')),
      { kind: 'unknown', why: 'bad-reply' },
    ],
    [
      'the documented throttle',
      response(429, error('TOO_MANY_REQUESTS', { retry_after_ms: 70 })),
      { kind: 'not-sent', why: 'rate-limit', retryAfterMs: 70 },
    ],
    [
      'the throttle code under another status',
      response(400, error('TOO_MANY_REQUESTS')),
      { kind: 'unknown', why: 'bad-reply' },
    ],
    ['a bare 429', response(429, 'slow down'), { kind: 'unknown', why: 'bad-reply' }],
    [
      'the documented dead session',
      response(401, error('SESSION_EXPIRED')),
      { kind: 'not-sent', why: 'no-session' },
    ],
    ['a bare 401', response(401, '{}'), { kind: 'unknown', why: 'bad-reply' }],
    ['a page of a proxy', response(502, '<html>'), { kind: 'unknown', why: 'server-error' }],
    ['no connection', failure('connect', 'refused'), { kind: 'not-sent', why: 'no-connection' }],
    [
      'a connect time-out',
      failure('connect', 'timeout'),
      { kind: 'not-sent', why: 'no-connection' },
    ],
    ['too late to write', failure('connect', 'too-late'), { kind: 'not-sent', why: 'aborted' }],
    ['aborted before', failure('connect', 'aborted'), { kind: 'not-sent', why: 'aborted' }],
    ['aborted after', failure('sent', 'aborted'), { kind: 'unknown', why: 'timeout' }],
    ['a time-out', failure('sent', 'timeout'), { kind: 'unknown', why: 'timeout' }],
    ['a reset', failure('sent', 'reset'), { kind: 'unknown', why: 'reset' }],
    ['a body cut short', failure('body', 'reset'), { kind: 'unknown', why: 'reset' }],
    ['an endless body', failure('body', 'too-large'), { kind: 'unknown', why: 'bad-reply' }],
  ])('%s', (_name, result, outcome) => {
    expect(commandOutcome(result, null)).toMatchObject(outcome);
  });

  it('believes a modify or cancel only when the answer names the same order', () => {
    expect(commandOutcome(response(200, ok('N1')), 'N1').kind).toBe('accepted');
    expect(commandOutcome(response(200, ok('N2')), 'N1')).toMatchObject({
      kind: 'unknown',
      why: 'bad-reply',
    });
  });
});

describe('the data of a query at the neutral broker', () => {
  const read = (result: HttpResult): unknown =>
    queryData(result, z.array(z.object({ type: z.enum(['a']) })), 'GET /orders', 'corr');

  it.each([
    ['no connection', failure('connect', 'refused'), 'CONNECT'],
    ['a time-out', failure('sent', 'timeout'), 'TIMEOUT'],
    ['a deadline that has passed', failure('connect', 'too-late'), 'TIMEOUT'],
    ['a reset', failure('body', 'reset'), 'RESET'],
    ['a refusal', response(400, error('INVALID_FIELD')), 'BROKER_REFUSED'],
    ['an unlisted code', response(400, error('WHATEVER')), 'SCHEMA'],
    ['JSON cut short', response(200, '{"status":"ok","da'), 'TRUNCATED'],
    ['a page of a proxy', response(502, '<html>'), 'SCHEMA'],
    ['data that is no list', response(200, { status: 'ok', data: null }), 'SCHEMA'],
    ['no data', response(200, { status: 'ok' }), 'SCHEMA'],
  ])('%s throws %s', (_name, result, code) => {
    expect(() => read(result)).toThrow(expect.objectContaining({ code, correlationId: 'corr' }));
  });

  it('names the field and the word that it does not know', () => {
    const strange = response(200, { status: 'ok', data: [{ type: 'a' }, { type: 'iceberg' }] });
    expect(() => read(strange)).toThrow(/1\.type "iceberg"/);
  });
});
