import { setTimeout as delay } from 'node:timers/promises';
import { addAccount, placeOrder, request } from './lib/calls';
import { startSimulator, startToran } from './lib/processes';
import { bench, isFull, quantile, round } from './lib/report';
import { timed } from './lib/timed';

const GOAL_P50_MS = 3;
const GOAL_P99_MS = 8;
const ORDERS = isFull ? 500 : 100;
const WARM_UP = 20;
/** Between the two orders of a pair; short, because an idle processor answers more slowly. */
const PAUSE_MS = 2;
/** High enough that no order waits for a slot: waiting is another figure. */
const RATES = [
  {
    name: 'bench',
    scope: 'account',
    classes: ['order', 'query'],
    limit: 1_000,
    entryLimit: 1_000,
    windowMs: 1_000,
    resets: 'rolling',
    source: 'bench',
  },
];

const directBody = {
  tag: 'bench',
  exchange: 'NSE',
  symbol: 'SBIN',
  side: 'buy',
  type: 'market',
  product: 'intraday',
  validity: 'day',
  quantity: 1,
  disclosed_quantity: 0,
  price: null,
  trigger_price: null,
};

/**
 * What an order costs on its way through: the same order sent straight to a simulator, and through
 * the gateway to a second process of the same simulator (so that the direct orders do not lengthen
 * the book that the gateway reads), in turns.
 */
bench('order-latency', async () => {
  const direct = await startSimulator({ limits: false });
  const behind = await startSimulator({ limits: false });
  const gateway = await startToran({
    TORAN_NEUTRAL_URL: behind.url,
    TORAN_NEUTRAL_RATES: JSON.stringify(RATES),
  });
  try {
    const account = await addAccount(gateway, 'neutral', 'bench');
    const headers = { authorization: 'Bearer practice' };
    const straight: number[] = [];
    const through: number[] = [];
    for (let n = 0; n < WARM_UP + ORDERS; n += 1) {
      const a = await timed(() => request(direct.url, 'POST', '/orders', directBody, headers));
      await delay(PAUSE_MS);
      const b = await timed(() => placeOrder(gateway, account));
      if (n >= WARM_UP) {
        straight.push(a);
        through.push(b);
      }
      await delay(PAUSE_MS);
    }
    const added = (share: number): number => quantile(through, share) - quantile(straight, share);
    const [p50, p99] = [added(0.5), added(0.99)];
    return {
      figure: 'added latency of an order',
      goal: `p50 <= ${GOAL_P50_MS} ms, p99 <= ${GOAL_P99_MS} ms added`,
      measured: `p50 ${round(p50)} ms, p99 ${round(p99)} ms added`,
      ratio: round(Math.max(p50 / GOAL_P50_MS, p99 / GOAL_P99_MS)),
      orders: ORDERS,
      directP50Ms: round(quantile(straight, 0.5)),
      directP99Ms: round(quantile(straight, 0.99)),
      throughP50Ms: round(quantile(through, 0.5)),
      throughP99Ms: round(quantile(through, 0.99)),
    };
  } finally {
    await gateway.stop();
    await behind.stop();
    await direct.stop();
  }
});
