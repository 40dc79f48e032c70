import { setTimeout as delay } from 'node:timers/promises';
import { epochMs } from '../src/core/domain/ids';
import { istDate } from '../src/core/domain/time';
import { placeOrder } from './lib/calls';
import { DirectIcici, iciciVariables, readyIciciAccount } from './lib/icici';
import { startIcici, startToran } from './lib/processes';
import { bench, isFull, quantile, round } from './lib/report';
import { timed } from './lib/timed';

/** Each order through the gateway is two calls of the broker, and 80 entries and reads go in a minute. */
const ORDERS_A_MINUTE = 30;
const WARM_UP = 5;
const MINUTES = isFull ? 4 : 1;
/** Entries go at most 7 in a second: nothing here waits for a slot. */
const PAUSE_MS = 160;
const MINUTE_MS = 61_000;
/** Far below the price of the simulator, so that no fill is read beside the orders. */
const PRICE = '500';

const order = {
  ...{ stock_code: 'STABAN', exchange_code: 'NSE', product: 'cash', action: 'buy' },
  ...{ order_type: 'limit', quantity: '1', price: PRICE, validity: 'day' },
  ...{ order_segment_code: '', settlement_id: '', disclosed_quantity: '0' },
  user_remark: 'bench',
};
const reading = (): object => {
  const at = `${istDate(epochMs(Date.now()))}T06:00:00.000Z`;
  return { exchange_code: 'NSE', from_date: at, to_date: at };
};

/**
 * What a limit order costs on its way to Breeze: the same signed order sent straight to a simulator, and
 * through the gateway to a second process of it, in turns. Tags may be lost at ICICI, so the gateway reads
 * the order book before each placement; that reading, made directly too, is part of what is added.
 */
bench('icici-latency', async () => {
  const direct = await startIcici();
  const behind = await startIcici();
  const gateway = await startToran(iciciVariables(behind));
  try {
    const broker = await DirectIcici.login(direct);
    const account = await readyIciciAccount(gateway, behind);
    const limit = { pricetype: 'LIMIT', price: PRICE, product: 'CNC' };
    const [straight, read, through]: [number[], number[], number[]] = [[], [], []];
    for (let minute = 0; minute < MINUTES; minute += 1) {
      if (minute > 0) await delay(MINUTE_MS);
      for (let n = 0; n < ORDERS_A_MINUTE; n += 1) {
        const a = await timed(() => broker.call('POST', 'order', order));
        const b = await timed(() => broker.call('GET', 'order', reading()));
        const c = await timed(() => placeOrder(gateway, account, limit));
        if (n >= WARM_UP) {
          straight.push(a);
          read.push(b);
          through.push(c);
        }
        await delay(PAUSE_MS);
      }
    }
    const [p50, p99] = [0.5, 0.99].map(
      (share) => quantile(through, share) - quantile(straight, share),
    );
    const times = quantile(through, 0.5) / quantile(straight, 0.5);
    return {
      figure: 'added latency of an order at Breeze, with the reading before it',
      goal: 'none: a figure to compare with',
      measured: `p50 ${round(p50 ?? 0)} ms, p99 ${round(p99 ?? 0)} ms added; ${round(times, 1)} times the direct order`,
      ratio: null,
      orders: through.length,
      directP50Ms: round(quantile(straight, 0.5)),
      directP99Ms: round(quantile(straight, 0.99)),
      directReadingP50Ms: round(quantile(read, 0.5)),
      throughP50Ms: round(quantile(through, 0.5)),
      throughP99Ms: round(quantile(through, 0.99)),
    };
  } finally {
    await gateway.stop();
    await behind.stop();
    await direct.stop();
  }
});
