import { afterEach, describe, expect, it } from '@jest/globals';
import { decimal } from '../../src/core/domain/decimal';
import { epochMs } from '../../src/core/domain/ids';
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
const hold = (symbol: string, quantity: number): Promise<unknown> =>
  bench.ledger.savePositions(
    PAPER,
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
const exits = async () =>
  (await bench.orders())
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
    expect(await exits()).toEqual([['SBIN', TARGET, 'square-off-2026-01-08-1']]);
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
    expect(await exits()).toEqual([['SBIN', TARGET, 'square-off-2026-01-08-1']]);
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
      'square-off-2026-01-08-1',
      'square-off-2026-01-08-2',
    ]);
    expect(bench.alarms).toHaveLength(1);
  });
});
