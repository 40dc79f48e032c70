import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { accountId, brokerId, epochMs } from '../../src/core/domain/ids';
import type { Gateway } from '../../src/gateway';
import { GatewayBench } from '../support/gateway';
import { redisUrl } from '../support/gateway-redis';
import { until } from '../support/until';

const PAPER = accountId('paper-main');
const DAY_MS = 86_400_000;

let bench: GatewayBench;
beforeEach(async () => {
  bench = await GatewayBench.open(redisUrl('paper'));
  await bench.ledger.addAccount(
    {
      accountId: PAPER,
      broker: brokerId('paper'),
      login: 'main',
      label: 'paper',
      isDefault: false,
      stoppedReason: null,
      live: false,
      twinOf: null,
    },
    epochMs(Date.now()),
  );
});
afterEach(async () => {
  await bench.close();
});

/** Makes the open position one of yesterday morning, as if its square-off had been missed. */
const age = (): void => {
  const file = new DatabaseSync(path.join(bench.directory, 'paper-paper-main.sqlite'));
  file
    .prepare("UPDATE positions SET body = json_set(body, '$.openedAt', ?)")
    .run(Date.now() - 2 * DAY_MS);
  file.close();
};

const read = async (gateway: Gateway, name: string): Promise<unknown> =>
  (await bench.call(gateway, name, { account: PAPER })).body['data'];

it('a square-off that was missed comes in as the broker’s own order, and the books agree', async () => {
  const first = await bench.start();
  const placed = await bench.place(first, { account: PAPER, quantity: '7' });
  expect(placed.status).toBe(200);
  await until(async () => bench.ledger.positionsKnown(PAPER), 10_000);
  await bench.stop(first);
  age();

  const second = await bench.start();
  const imported = async () =>
    (await bench.ledger.orders(PAPER, epochMs(0))).filter(({ origin }) => origin === 'foreign');
  await until(async () => (await imported())[0]?.state === 'filled', 10_000);
  const [order, ...more] = await imported();
  expect(more).toEqual([]);
  expect(order).toMatchObject({ filledQuantity: 7, terms: { side: 'SELL', product: 'INTRADAY' } });
  expect(order?.reason).toMatch(/^intraday square-off of .* by the paper broker, done late$/);

  // Two more readings of the positions: a mismatch would stop the account.
  const marks = async (): Promise<number> => (await bench.ledger.orders(PAPER, epochMs(0))).length;
  expect(await marks()).toBe(2);
  await bench.place(second, { account: PAPER, quantity: '3' });
  await until(
    async () => JSON.stringify(await read(second, 'positionbook')).includes('"quantity":3'),
    10_000,
  );
  const accounts = await bench.ledger.accounts();
  expect(accounts.find((one) => one.accountId === PAPER)?.stoppedReason).toBeNull();
  expect(await read(second, 'orderbook')).toMatchObject({
    orders: expect.arrayContaining([
      expect.objectContaining({
        rejection_reason: expect.stringContaining('intraday square-off'),
        order_status: 'complete',
      }),
    ]),
  });
  // Charges reach the trade book and the funds.
  await until(async () => {
    const trades = await read(second, 'tradebook');
    return Array.isArray(trades) && trades.length >= 3;
  }, 10_000);
  expect(await read(second, 'tradebook')).toEqual(
    expect.arrayContaining([expect.objectContaining({ charges: expect.any(Number) })]),
  );
  expect(await read(second, 'funds')).toMatchObject({
    charges_today: expect.stringMatching(/^\d+\.\d\d$/),
  });
}, 60_000);

it('quotes, depth and margin come from the paper broker; the neutral one has no margin', async () => {
  const gateway = await bench.start();
  const sbin = { symbol: 'SBIN', exchange: 'NSE' };
  for (const account of [PAPER, 'neutral-main']) {
    const quote = await bench.call(gateway, 'quotes', { account, ...sbin });
    expect([quote.status, quote.body['data']]).toEqual([
      200,
      expect.objectContaining({ ltp: expect.any(Number), volume: expect.any(Number) }),
    ]);
    const depth = await bench.call(gateway, 'depth/', { account, ...sbin });
    expect(depth.status).toBe(200);
  }
  const many = await bench.call(gateway, 'multiquotes', {
    account: PAPER,
    symbols: [sbin, { symbol: 'NOPE', exchange: 'NSE' }],
  });
  expect(many.body['results']).toMatchObject([{ symbol: 'NOPE' }, { symbol: 'SBIN', data: {} }]);
  const positions = [
    { ...sbin, action: 'BUY', quantity: 10, product: 'MIS', pricetype: 'LIMIT', price: '1000' },
  ];
  const margin = await bench.call(gateway, 'margin', { account: PAPER, positions });
  expect(margin.body['data']).toEqual({
    total_margin_required: 2000,
    span_margin: 0,
    exposure_margin: 0,
  });
  const refused = await bench.call(gateway, 'margin', { account: 'neutral-main', positions });
  expect(refused.status).toBe(501);
  expect(refused.body['message']).toContain('neutral');
}, 60_000);
