import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readOrderMessage } from '../../../src/brokers/icici/order-message';
import { derivativeMessage, equityMessage } from '../../support/icici-order-messages';

describe('an order message', () => {
  it('of a share gives the order and its status, and no price, whose scale is not known', () => {
    expect(readOrderMessage(equityMessage())).toEqual({
      kind: 'order',
      segment: 'equity',
      orderId: '20261116N300004321',
      status: 'ordered',
      stockCode: 'ITC',
      limitPrice: null,
    });
    expect(readOrderMessage(equityMessage({ 11: '5', 20: 'D' }))).toMatchObject({
      status: 'partially executed and cancelled',
    });
  });

  it('of a contract has its price in rupees and its fields where they are, whatever follows', () => {
    const read = {
      kind: 'order',
      segment: 'derivative',
      orderId: '202611161400004321',
      status: 'executed',
      stockCode: 'NIFTY',
      limitPrice: '101.25',
    };
    expect(readOrderMessage(derivativeMessage())).toEqual(read);
    expect(readOrderMessage(derivativeMessage({ 11: '7' }).slice(0, 47))).toEqual(read);
  });

  it('may hold control characters, blanks and numbers in any field', () => {
    const message = derivativeMessage({ 25: ' E\u0000', 26: '202611161400004321\u0003\r\n' });
    expect(readOrderMessage(message)).toMatchObject({ status: 'executed' });
    const numbers: unknown[] = equityMessage();
    numbers[11] = 4;
    expect(readOrderMessage(numbers)).toMatchObject({ kind: 'order' });
  });

  it.each([
    ['it is no array', 'order'],
    ['it is no array', { length: 50 }],
    ['46 fields are too few', equityMessage().slice(0, 46)],
    ['it names no source', equityMessage({ 0: '' })],
    ['message type "9" is not known', equityMessage({ 11: '9' })],
    [
      'message type "" is not known',
      [...equityMessage().slice(0, 11), null, ...equityMessage().slice(12)],
    ],
    ['order reference "" is none', equityMessage({ 23: '' })],
    ['order reference "10" is none', derivativeMessage({ 26: '10' })],
    // Shifted by one: the reference stands where the status should be.
    ['order reference "65" is none', derivativeMessage({ 25: '202611161400004321', 26: '65' })],
    ['status "Z" is not known', equityMessage({ 20: 'Z' })],
    ['status "" is not known', derivativeMessage({ 25: '\u0000' })],
  ])('is unknown, and says why: %s', (why, payload) => {
    expect(readOrderMessage(payload)).toEqual({ kind: 'unknown', why });
  });

  it('is none when it is a price or the call of a strategy', () => {
    const price = ['4.1!2885', ...equityMessage().slice(1)];
    expect(readOrderMessage(price)).toEqual({ kind: 'other' });
    for (const length of [19, 28]) {
      expect(readOrderMessage(Array.from({ length }, () => 'text'))).toEqual({ kind: 'other' });
    }
  });

  it('is only what has a known type, status and reference in their places, and nothing else ever throws', () => {
    const cell = fc.oneof(
      fc.string(),
      fc.constantFrom('4', '5', '6', '7', 'O', 'E', '20261116N300004321', '202611161400004321'),
      fc.anything(),
    );
    const arrays = fc.oneof(
      fc.array(cell, { maxLength: 60 }),
      fc
        .tuple(fc.boolean(), fc.array(fc.tuple(fc.nat({ max: 50 }), cell), { maxLength: 4 }))
        .map(([equity, changes]) => {
          const message: unknown[] = equity ? equityMessage() : derivativeMessage();
          for (const [index, value] of changes) message[index] = value;
          return message;
        }),
    );
    let orders = 0;
    fc.assert(
      fc.property(fc.oneof({ arbitrary: arrays, weight: 9 }, fc.anything()), (payload) => {
        const read = readOrderMessage(payload);
        if (read.kind !== 'order') return;
        orders += 1;
        // Only an array gets here.
        const cells = payload as readonly unknown[];
        const clean = (index: number): string =>
          String(cells[index])
            .replace(/\p{Cc}/gu, '')
            .trim();
        const equity = ['4', '5'].includes(clean(11));
        expect(['4', '5', '6', '7']).toContain(clean(11));
        expect(cells.length).toBeGreaterThanOrEqual(47);
        expect(clean(0)).not.toContain('!');
        expect(read.orderId).toBe(clean(equity ? 23 : 26));
        expect('RQOPEJXBDFC').toContain(clean(equity ? 20 : 25));
      }),
      { numRuns: 5_000 },
    );
    expect(orders).toBeGreaterThan(100);
  });
});
