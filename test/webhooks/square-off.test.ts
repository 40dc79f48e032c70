import { afterEach, describe, expect, it } from '@jest/globals';
import { decimal } from '../../src/core/domain/decimal';
import { accountId, brokerId, epochMs } from '../../src/core/domain/ids';
import { hookCaller } from '../../src/core/webhooks/hooks';
import { PAPER, strategySettings, WebhookBench } from './bench';
import type { OpenHook } from './bench';

const settings = strategySettings({
  intraday: { start: '09:20', end: '15:00', squareOff: '15:15' },
});
const at = (time: string, day = '2026-01-08'): number => Date.parse(`${day}T${time}:00+05:30`);

let bench: WebhookBench;
let opened: OpenHook;

const open = async (start = at('10:00')): Promise<void> => {
  bench = await WebhookBench.open({ start });
  opened = await bench.hook(settings, 'orb');
};
/** The same folder under another process, at another time. */
const restart = async (start: number): Promise<void> => {
  await bench.close(true);
  bench = await WebhookBench.open({ directory: bench.directory, start });
};
afterEach(() => bench.close());

/** The broker says what is held, and the day's opening is set. */
const hold = (symbol: string, quantity: number, account = PAPER): Promise<unknown> =>
  bench.ledger.savePositions(
    account,
    [
      {
        instrument: { exchange: 'NSE', symbol },
        product: 'INTRADAY',
        quantity,
        averagePrice: decimal('100'),
      } as never, // the rest of a report says nothing here
    ],
    bench.clock.now(),
  );
const exits = async (account = PAPER) =>
  (await bench.orders(account))
    .filter((order) => order.clientOrderId?.startsWith('square-off') === true)
    .map((order) => [order.terms.instrument.symbol, order.smart, order.clientOrderId]);
const TARGET = { position: 0, flatQuantity: 0 };

describe('the square-off', () => {
  it('closes at its minute what is held, once, and leaves what is flat alone', async () => {
    await open();
    await hold('SBIN', 30);
    await bench.clock.advance(at('15:14') - at('10:00'));
    await bench.squareOff.look();
    expect(await exits()).toEqual([]);
    await bench.clock.advance(60_000);
    await bench.squareOff.look();
    await bench.squareOff.look();
    expect(await exits()).toEqual([['SBIN', TARGET, 'square-off 2026-01-08 1']]);
    expect(await bench.orders()).toMatchObject([
      { isExit: true, apiKeyId: hookCaller(opened.hook.hookId) },
    ]);
    expect(bench.alarms).toEqual([]);
  });

  it('includes a symbol whose entry is still under way, and works for a paused webhook', async () => {
    await open(at('14:59'));
    expect((await bench.post(opened.path, { symbol: 'INFY', action: 'BUY' })).status).toBe(200);
    await bench.hooks.setActive(opened.hook.hookId, false);
    await bench.clock.advance(at('15:15') - at('14:59'));
    await bench.squareOff.look();
    // Today's positions were never read: SBIN may be held as well.
    expect((await exits()).map(([symbol]) => symbol).sort()).toEqual(['INFY', 'SBIN']);
  });

  it('is made up for after a restart on the same day before the close', async () => {
    await open();
    await hold('SBIN', -5);
    await restart(at('15:25'));
    await bench.squareOff.look();
    expect(await exits()).toEqual([['SBIN', TARGET, 'square-off 2026-01-08 1']]);
    await restart(at('15:26'));
    await bench.squareOff.look();
    expect(await exits()).toHaveLength(1);
    expect(bench.alarms).toEqual([]);
  });

  it('is an alarm, once, when the exchange closed meanwhile, or the day is over', async () => {
    for (const later of [at('15:30'), at('09:30', '2026-01-09')]) {
      await open();
      await bench.post(opened.path, { symbol: 'SBIN', action: 'BUY' });
      await hold('SBIN', 10);
      await restart(later);
      await bench.squareOff.look();
      await bench.squareOff.look();
      expect(bench.alarms).toEqual(['square-off-missed']);
      await restart(later + 60_000);
      await bench.squareOff.look();
      expect([bench.alarms, await exits()]).toEqual([[], []]);
      if (later === at('15:30')) await bench.close();
    }
  });

  it('is nothing on a day without positions and without an order of the webhook', async () => {
    await open();
    await bench.clock.advance(at('15:15') - at('10:00'));
    await bench.squareOff.look();
    await restart(at('09:30', '2026-01-12'));
    await bench.squareOff.look();
    expect([await exits(), bench.alarms]).toEqual([[], []]);
  });

  it('goes again, with an alarm, when the exit was refused', async () => {
    await open();
    await hold('SBIN', 30);
    await bench.clock.advance(at('15:15') - at('10:00'));
    // What the first attempt places is refused at once.
    const place = bench.ledger.recordIntents.bind(bench.ledger);
    bench.ledger.recordIntents = async (intents, ...rest) => {
      const recorded = await place(intents, ...rest);
      bench.ledger.recordIntents = place;
      for (const { order } of intents) {
        await bench.ledger.deny(order.orderId, 1, 'POSITION_UNKNOWN', 'not now', epochMs(0));
      }
      return recorded;
    };
    await bench.squareOff.look();
    expect(bench.alarms).toEqual(['square-off-refused']);
    await bench.clock.advance(4_000);
    await bench.squareOff.look();
    expect(await exits()).toHaveLength(1);
    await bench.clock.advance(2_000);
    await bench.squareOff.look();
    expect((await exits()).map(([, , id]) => id)).toEqual([
      'square-off 2026-01-08 1',
      'square-off 2026-01-08 2',
    ]);
    expect(bench.alarms).toHaveLength(1);
  });
});

describe('a holiday', () => {
  it.each([
    ['Republic Day', '2026-01-26'],
    ['a Saturday', '2026-01-10'],
  ])('has no square-off: %s', async (_name, day) => {
    await open(at('10:00', day));
    await hold('SBIN', 30);
    await bench.clock.advance(at('15:20', day) - at('10:00', day));
    await bench.squareOff.look();
    await bench.clock.advance(at('15:31', day) - at('15:20', day));
    await bench.squareOff.look();
    expect([await exits(), bench.alarms]).toEqual([[], []]);
  });
});

describe('the ids of the square-off', () => {
  it('cannot be taken by a sender, who would keep it from closing', async () => {
    await open(at('14:59'));
    for (const blank of ['-', ' ']) {
      const id = `square-off${blank}2026-01-08${blank}1`;
      await bench.post(opened.path, { symbol: 'SBIN', action: 'BUY', client_order_id: id });
      await bench.post(opened.path, { symbol: 'SBIN', action: 'BUY' }, { 'idempotency-key': id });
    }
    const taken = (await bench.orders()).length;
    await hold('SBIN', 10);
    await bench.clock.advance(at('15:15') - at('14:59'));
    await bench.squareOff.look();
    expect((await bench.orders()).slice(taken)).toMatchObject([{ smart: TARGET }]);
    expect(bench.alarms).toEqual([]);
  });
});

describe('the square-off of an account of real money', () => {
  const REAL = accountId('real');
  const TWIN = accountId('paper-twin-real');
  const openReal = async (): Promise<void> => {
    bench = await WebhookBench.open({ start: at('10:00') });
    await bench.ledger.addAccount(
      {
        accountId: REAL,
        broker: brokerId('neutral-live'),
        login: 'real',
        label: 'Main book',
        isDefault: false,
        stoppedReason: null,
        live: false,
        twinOf: null,
      },
      bench.clock.now(),
    );
    opened = await bench.hook(settings, 'orb', REAL);
  };
  const setLive = (live: boolean): Promise<void> =>
    bench.ledger.setLive(REAL, live, bench.clock.now(), 'test');
  const squareOffAt = async (time: string): Promise<void> => {
    await bench.clock.advance(at(time) - bench.clock.now());
    await bench.squareOff.look();
  };

  it('closes what the practice of the account holds while it does not trade live', async () => {
    await openReal();
    expect((await bench.post(opened.path, { symbol: 'SBIN', action: 'BUY' })).status).toBe(200);
    const [entry] = await bench.orders(TWIN);
    await bench.ledger.cancelQueued(entry?.orderId ?? ('' as never), bench.clock.now(), 'x', 'x');
    await hold('SBIN', 10, TWIN);
    await squareOffAt('15:15');
    expect((await exits(TWIN)).map(([symbol]) => symbol)).toEqual(['SBIN']);
    expect(await exits(REAL)).toEqual([]);
    expect(bench.alarms).toEqual([]);
  });

  it('is an alarm, and no order, for what is held live by an account that is not live any more', async () => {
    await openReal();
    await setLive(true);
    await hold('SBIN', 10, REAL);
    await setLive(false);
    await squareOffAt('15:15');
    expect(bench.alarms).toEqual(['square-off-refused']);
    expect([await exits(REAL), await exits(TWIN)]).toEqual([[], []]);
    await setLive(true);
    await squareOffAt('15:16');
    expect((await exits(REAL)).map(([symbol]) => symbol)).toEqual(['SBIN']);
  });
});

describe('an exit that the broker took', () => {
  it('is sent again when the exchange refuses it afterwards, until the position is flat', async () => {
    await open();
    await hold('SBIN', 30);
    await bench.clock.advance(at('15:15') - at('10:00'));
    await bench.squareOff.look();
    const [first] = await bench.orders();
    if (first === undefined) throw new Error('no exit');
    await bench.clock.advance(10_000);
    await bench.squareOff.look();
    // Under way: nothing more is sent.
    expect(await exits()).toHaveLength(1);
    await bench.ledger.deny(first.orderId, 1, 'REJECTED', 'circuit limit', bench.clock.now());
    await bench.clock.advance(1_000);
    await bench.squareOff.look();
    expect(await exits()).toHaveLength(2);
  });
});
