import { describe, expect, it } from '@jest/globals';
import { commandOutcome, queryError, readAnswer } from '../../../src/brokers/icici/errors';
import { iciciOrderId } from '../../../src/brokers/icici/wire/orders';
import type { CommandOutcome } from '../../../src/core/ports/broker';
import type { HttpResult } from '../../../src/core/ports/http';
import { answered, publishedAnswer, refusal } from '../../support/icici';

const HINT = 'these came from 203.0.113.9';
const outcome = (result: HttpResult, expected: string | null = null): CommandOutcome =>
  commandOutcome(readAnswer(result), {
    expected,
    idOf: iciciOrderId,
    restMs: (per) => (per === 'day' ? 3_600_000 : 60_000),
    hint: HINT,
  });
const code = (result: HttpResult): string => {
  const answer = readAnswer(result);
  if (answer.kind === 'success') throw new Error('it is a success');
  return queryError(answer, 'GET order', 'test', () => 1).code;
};

const CHECKSUM = { Status: 5, Error: 'Authentication Fail :: Invalid Checksum.' };
const MINUTE = { Status: 5, Error: 'Limit exceed: API call per minute:Try after some time' };
const HTML = '<html><body><h1>502 Bad Gateway</h1></body></html>';
const EXCEPTION = {
  Message: 'An error has occurred.',
  ExceptionMessage: 'Object reference not set to an instance of an object.',
  ExceptionType: 'System.NullReferenceException',
  StackTrace: '   at Order()',
};

describe('a command', () => {
  it.each([
    ['place_order', null, '202502051400001234'],
    ['place_order-3', null, '20250205N30001234'],
    ['modify_order', '202502051400012345', '202502051400012345'],
    ['cancel_order', '20250205N300001234', '20250205N300001234'],
  ])('is accepted by the published answer %s', (name, expected, id) => {
    expect(outcome(answered(publishedAnswer(name)), expected)).toEqual({
      kind: 'accepted',
      brokerOrderId: id,
    });
  });

  it('finds the id in a sentence, where it stood in 2022', () => {
    const words =
      'Equity CASH Order placed successfully through RI reference no 20220816N100000123';
    const answer = answered({ Success: { order_id: words, message: null }, Status: 200 });
    expect(outcome(answer)).toEqual({ kind: 'accepted', brokerOrderId: '20220816N100000123' });
  });

  it.each([
    ['a success without an id', { Success: { message: 'Successfully Placed' }, Status: 200 }],
    ['a success with a sentence alone', { Success: { order_id: 'placed' }, Status: 200 }],
    ['no Success at all', { Success: null, Status: 200, Error: null }],
    ['an error text beside Status 200', { Success: null, Status: 200, Error: 'Invalid price' }],
    ['a Status that nobody knows', { Success: null, Status: 7, Error: 'Invalid price' }],
    ['a known text with another HTTP status', MINUTE, 429],
    [
      'the form of a refusal with another HTTP status',
      { Status: 500, Error: 'Invalid price' },
      400,
    ],
    ['a text of the door with another Status', { Status: 500, Error: MINUTE.Error }],
    ['a page that is not there', HTML, 404],
    ['a page without JSON', HTML, 200],
  ])('is in doubt after %s', (_what, body, status = 200) => {
    expect(outcome(answered(body, status))).toMatchObject({ kind: 'unknown', why: 'bad-reply' });
  });

  it.each([
    ['the front end', HTML, 502],
    ['the code behind it', EXCEPTION, 500],
    ['anything that says 503, even a refusal', { Status: 500, Error: 'Invalid price' }, 503],
  ])('is in doubt after a failure of %s', (_what, body, status) => {
    expect(outcome(answered(body, status))).toMatchObject({ kind: 'unknown', why: 'server-error' });
  });

  it.each([
    'TPETIME - timeout occured (T2:176)',
    'TPESVCFAIL',
    'Error while calling service, Please contact admin (T2:155)',
    'Something that nobody has seen',
    'No Data Found',
  ])('is in doubt after "%s", which has the form of a refusal', (words) => {
    expect(outcome(refusal(words))).toMatchObject({ kind: 'unknown', why: 'bad-reply' });
  });

  it('is in doubt when the answer names another order', () => {
    const answer = answered(publishedAnswer('cancel_order'));
    expect(outcome(answer, '20250205N300009999')).toMatchObject({ kind: 'unknown' });
  });

  it('is refused by a listed text, in its own words', () => {
    expect(outcome(refusal('Invalid Market/Limit indicator:'))).toEqual({
      kind: 'rejected',
      code: 'BROKER_REFUSED',
      message: 'Invalid Market/Limit indicator:',
    });
  });

  it('is refused by an unlisted text that judges it, with the address that the broker sees', () => {
    expect(outcome(refusal('Insufficient limits'))).toEqual({
      kind: 'rejected',
      code: 'BROKER_REFUSED',
      message: `Insufficient limits (${HINT})`,
    });
  });

  it('for an order that is not there is refused', () => {
    expect(outcome(refusal('No Data Found', 404), '20250205N300001234')).toMatchObject({
      kind: 'rejected',
      code: 'ORDER_NOT_FOUND',
    });
  });

  it.each([200, 401])('was not taken when the session is dead, HTTP %i', (status) => {
    expect(outcome(answered(CHECKSUM, status))).toEqual({ kind: 'not-sent', why: 'no-session' });
  });

  it.each([200, 401])('was not taken when there were too many calls, HTTP %i', (status) => {
    expect(outcome(answered(MINUTE, status))).toEqual({
      kind: 'not-sent',
      why: 'rate-limit',
      retryAfterMs: 60_000,
    });
    const day = { Success: null, Status: 5, Error: 'Limit exceed: API call per day: ' };
    expect(outcome(answered(day, status))).toMatchObject({ retryAfterMs: 3_600_000 });
  });
});

describe('a query', () => {
  it.each([
    ['a dead session', answered(CHECKSUM, 401), 'SESSION_EXPIRED'],
    ['too many calls', answered(MINUTE, 401), 'BROKER_THROTTLED'],
    ['a refusal', refusal('Exchange code should be nfo or bfo'), 'BROKER_REFUSED'],
    ['a failure behind the door', refusal('TPESVCFAIL'), 'SCHEMA'],
    ['a page', answered(HTML, 502), 'SCHEMA'],
    ['an exception', answered(EXCEPTION, 500), 'SCHEMA'],
    ['JSON that stops', answered('{"Success":[{"order_id":"2026'), 'TRUNCATED'],
  ])('that meets %s fails so', (_what, result, expected) => {
    expect(code(result)).toBe(expected);
  });

  it.each([
    ['Status 500', refusal('No Data Found')],
    ['Status 404', refusal('No data found', 404)],
    ['Status 200', answered({ Success: null, Status: 200, Error: 'No Positions available.' })],
  ])('finds nothing with %s', (_what, result) => {
    expect(readAnswer(result)).toMatchObject({ kind: 'nothing-found' });
  });
});
