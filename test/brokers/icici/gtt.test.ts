import { describe, expect, it } from '@jest/globals';
import { iciciGtt } from '../../../src/brokers/icici/gtt';
import { decimal } from '../../../src/core/domain/decimal';
import { brokerOrderId, isoDate } from '../../../src/core/domain/ids';
import type { GttClient, GttPlan } from '../../../src/core/ports/market-data';
import { FakeClock } from '../../fakes/fake-clock';
import {
  Answers,
  CALL,
  contract,
  recorded,
  recordedCall,
  share,
  symbolsOf,
} from '../../support/icici-answers';

const OPTION = contract('NIFTY', '2025-02-06', '24000', 'CE');
const SHARE = share('RELIANCE');
const symbols = symbolsOf(OPTION, SHARE);
const ID = brokerOrderId('2025020500001234');
/** Noon of the day on which the samples were recorded. */
const clock = new FakeClock(Date.parse('2025-02-05T12:00:00+05:30'));
const clientOf = (answers: Answers): GttClient =>
  iciciGtt({ query: answers.query, command: answers.command, symbols, clock });
const leg = (
  triggerPrice: string,
  limitPrice: string,
): { triggerPrice: ReturnType<typeof decimal>; limitPrice: ReturnType<typeof decimal> } => ({
  triggerPrice: decimal(triggerPrice),
  limitPrice: decimal(limitPrice),
});
const SINGLE: GttPlan = { kind: 'single', side: 'BUY', leg: leg('8', '7') };
const WHOLE: GttPlan = {
  kind: 'entry-and-exits',
  entry: { side: 'BUY', limitPrice: decimal('8') },
  target: leg('14.5', '15'),
  stop: leg('7.5', '7'),
};

/** Prices compared as numbers: the samples write 14.50. */
const asNumbers = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (_key, one: unknown) =>
    typeof one === 'string' && /^\d+\.?\d*$/.test(one) && one.length < 10 ? Number(one) : one,
  );

describe('GTT commands', () => {
  it.each([
    ['gtt_single_leg_place_order', SINGLE],
    ['gtt_three_leg_place_order', WHOLE],
  ] as const)('place as in the recorded %s', async (file, plan) => {
    const answers = new Answers(() => recorded(file));
    const command = { instrument: OPTION, product: 'CARRY_FORWARD', quantity: 75, plan } as const;
    expect(await clientOf(answers).place(command, CALL)).toEqual({
      kind: 'accepted',
      brokerOrderId: ID,
    });
    expect(answers.asked[0]).toMatchObject({ method: 'POST', path: 'gttorder' });
    expect(asNumbers(answers.asked[0]?.body)).toEqual(asNumbers(recordedCall(file)));
  });

  it.each([
    ['gtt_single_leg_modify_order', { kind: 'single', side: 'BUY', leg: leg('7', '6') }],
    [
      'gtt_three_leg_modify_order',
      { kind: 'exits', side: 'SELL', target: leg('11.5', '12'), stop: leg('5', '4') },
    ],
  ] as const)('modify as in the recorded %s', async (file, change) => {
    const answers = new Answers(() => recorded(file));
    expect(await clientOf(answers).modify(ID, OPTION, change, CALL)).toMatchObject({
      kind: 'accepted',
    });
    expect(answers.asked[0]).toMatchObject({ method: 'PUT', path: 'gttorder' });
    expect(asNumbers(answers.asked[0]?.body)).toEqual(asNumbers(recordedCall(file)));
  });

  it.each(['gtt_single_leg_cancel_order', 'gtt_three_leg_cancel_order'])(
    'cancel as in the recorded %s',
    async (file) => {
      const answers = new Answers(() => recorded(file));
      const outcome = await clientOf(answers).cancel(ID, OPTION, CALL);
      expect(outcome).toEqual({ kind: 'accepted', brokerOrderId: ID });
      expect(answers.asked).toEqual([
        {
          method: 'DELETE',
          path: 'gttorder',
          body: { exchange_code: 'NFO', gtt_order_id: ID },
        },
      ]);
    },
  );

  it('refuse shares, unlisted contracts and other products without a call', async () => {
    const answers = new Answers(() => null);
    const client = clientOf(answers);
    const common = { product: 'CARRY_FORWARD', quantity: 75, plan: SINGLE } as const;
    const outcomes = [
      await client.place({ ...common, instrument: SHARE }, CALL),
      await client.place(
        { ...common, instrument: contract('NIFTY', '2025-02-13', '24000', 'CE') },
        CALL,
      ),
      await client.place({ ...common, instrument: OPTION, product: 'INTRADAY' }, CALL),
      await client.cancel(ID, SHARE, CALL),
    ];
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ kind: 'rejected', code: 'UNSUPPORTED' });
    }
    expect(answers.asked).toEqual([]);
  });
});

describe('the GTT book', () => {
  const listed = (rows: unknown): ReturnType<GttClient['list']> =>
    clientOf(new Answers(({ body }) => (body['exchange_code'] === 'NFO' ? rows : null))).list(
      isoDate('2025-02-05'),
      isoDate('2025-02-05'),
      CALL,
    );

  it('reads the recorded rows', async () => {
    expect(await listed(recorded('gtt_order_book'))).toEqual([
      {
        gttId: ID,
        instrument: { exchange: 'NFO', symbol: 'NIFTY06FEB2524000CE' },
        brokerSymbol: 'OPT-NIFTY-06-Feb-2025-24000-CE',
        kind: 'single',
        quantity: 75,
        legs: [
          { role: 'single', side: 'BUY', triggerPrice: '7', limitPrice: '6', status: 'Cancelled' },
        ],
        entryOrderId: null,
        placedAt: Date.parse('2025-02-05T11:19:32+05:30'),
      },
      {
        gttId: ID,
        instrument: { exchange: 'NFO', symbol: 'NIFTY06FEB2524000CE' },
        brokerSymbol: 'OPT-NIFTY-06-Feb-2025-24000-CE',
        kind: 'entry-and-exits',
        quantity: 75,
        legs: [
          {
            role: 'target',
            side: 'SELL',
            triggerPrice: '11.5',
            limitPrice: '12',
            status: 'Cancelled',
          },
          { role: 'stop', side: 'SELL', triggerPrice: '5', limitPrice: '4', status: 'Cancelled' },
        ],
        entryOrderId: '202502052500001234',
        placedAt: Date.parse('2025-02-05T11:14:38+05:30'),
      },
    ]);
  });

  it('asks both exchanges for the days, both included', async () => {
    const answers = new Answers(() => null);
    await clientOf(answers).list(isoDate('2025-02-04'), isoDate('2025-02-05'), CALL);
    expect(answers.asked.map(({ body }) => body)).toEqual(
      ['NFO', 'BFO'].map((exchange_code) => ({
        exchange_code,
        from_date: '2025-02-04T06:00:00.00Z',
        to_date: '2025-02-05T06:00:00.00Z',
      })),
    );
  });

  it('names a word that it does not know', async () => {
    const [row] = recorded('gtt_order_book') as Record<string, unknown>[];
    const [leg] = row?.['order_details'] as object[];
    const others: readonly (readonly [object, string])[] = [
      [{ gtt_type: 'Triple' }, '"Triple\\" is no kind of GTT'],
      [{ product_type: 'Cash' }, '"Cash\\" is no product'],
      [{ exchange_code: 'MCX' }, '"MCX\\" is no exchange'],
      [{ order_details: [{ ...leg, action: 'Hold' }] }, '"Hold\\" is no action'],
      [{ order_details: [{ ...leg, gtt_leg_type: 'Trail' }] }, '"Trail\\" is no leg'],
      [{ order_details: [leg, { ...leg, gtt_order_id: '1' }] }, 'legs of different ids'],
      [{ order_details: [] }, 'order_details'],
    ];
    for (const [changes, text] of others) {
      await expect(listed([{ ...row, ...changes }])).rejects.toThrow(text);
    }
  });
});
