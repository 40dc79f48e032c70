import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Redis } from 'ioredis';
import { accountId, brokerId, epochMs, orderId } from '../../src/core/domain/ids';
import type { Gateway } from '../../src/gateway';
import { GatewayBench } from '../support/gateway';
import type { Reply } from '../support/gateway';
import { connect, redisUrl } from '../support/gateway-redis';
import { until } from '../support/until';

const MATCHED = 'Positions Already Matched. No Action needed.';
const NO_POSITION = 'No OpenPosition Found. Not placing Exit order.';
/** Far below the time that a call waits for an outcome. */
const NOOP_LIMIT_MS = 5_000;
/** Each row has a share of its own, so that none of them disturbs another. */
const SHARES =
  '360ONE ABCAPITAL ADANIGREEN ADANIPOWER AMBUJACEM ANGELONE ASHOKLEY AUBANK AXISBANK BAJFINANCE BANDHANBNK BANKBARODA BANKINDIA BDL BEL BHEL BIOCON BPCL CAMS CANBK CDSL CGPOWER CIPLA COALINDIA COCHINSHIP CONCOR CROMPTON DABUR DELHIVERY DLF'.split(
    ' ',
  );

let redis: Redis;
let bench: GatewayBench;

const open = async (): Promise<void> => {
  redis = connect('smart');
  await redis.flushdb();
  bench = await GatewayBench.open(redisUrl('smart'), {
    TORAN_SEND_BY_MS: '500',
    TORAN_NEUTRAL_TIMEOUT_MS: '1000',
    TORAN_PAPER_CASH: '1000000000',
  });
  await bench.ledger.addAccount(
    {
      accountId: accountId('paper-main'),
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
};
const close = async (): Promise<void> => {
  await bench.close();
  redis.disconnect();
};

/** What the row's account has: the position, then what is open beside it (signed, resting). */
interface Row {
  readonly name: string;
  readonly current: number;
  readonly inFlight?: readonly number[];
  readonly action: 'BUY' | 'SELL';
  readonly quantity: number;
  readonly target: number;
  /** `BUY 100`, or the words for nothing done. */
  readonly gives: string;
}
type Terse = readonly [number, 'BUY' | 'SELL', number, number, string];
const rowsOf = (name: string, rows: readonly Terse[]): readonly Row[] =>
  rows.map(([current, action, quantity, target, gives], i) => ({
    name: `${name}, ${String(i + 1)}`,
    ...{ current, action, quantity, target, gives },
  }));

const TABLE = rowsOf('row of the truth table', [
  [0, 'BUY', 7, 0, 'BUY 7'],
  [0, 'BUY', 0, 0, NO_POSITION],
  [30, 'SELL', 9, 30, MATCHED],
  [30, 'BUY', 9, 0, 'SELL 30'],
  [-30, 'SELL', 9, 0, 'BUY 30'],
  [0, 'SELL', 9, 20, 'BUY 20'],
  [0, 'BUY', 9, -20, 'SELL 20'],
  [-10, 'SELL', 9, 25, 'BUY 35'],
  [50, 'BUY', 9, -50, 'SELL 100'],
]);
const EXAMPLES = rowsOf('worked example', [
  [0, 'BUY', 100, 0, 'BUY 100'],
  [0, 'BUY', 100, 100, 'BUY 100'],
  [0, 'BUY', 5, 100, 'BUY 100'],
  [100, 'BUY', 100, 100, MATCHED],
  [100, 'BUY', 100, 200, 'BUY 100'],
  [200, 'BUY', 100, 100, 'SELL 100'],
  [100, 'SELL', 100, 0, 'SELL 100'],
  [100, 'SELL', 0, 0, 'SELL 100'],
  [100, 'SELL', 100, -100, 'SELL 200'],
  [-100, 'BUY', 100, 0, 'BUY 100'],
  [-100, 'BUY', 100, 100, 'BUY 200'],
  [0, 'SELL', 100, -100, 'SELL 100'],
  [0, 'SELL', 0, 0, NO_POSITION],
]);
const IN_FLIGHT: readonly Row[] = [
  { current: 0, inFlight: [100], action: 'BUY', quantity: 100, target: 100, gives: MATCHED },
  { current: 0, inFlight: [40], action: 'BUY', quantity: 100, target: 100, gives: 'BUY 60' },
  // The same exit alert twice: the first one's order already closes the position.
  { current: 100, inFlight: [-100], action: 'SELL', quantity: 100, target: 0, gives: MATCHED },
  { current: 100, inFlight: [-40], action: 'SELL', quantity: 100, target: 0, gives: 'SELL 60' },
  { current: 100, inFlight: [50], action: 'SELL', quantity: 0, target: 0, gives: 'SELL 150' },
  { current: 0, inFlight: [30], action: 'BUY', quantity: 30, target: 0, gives: 'SELL 30' },
  { current: 20, inFlight: [30, -10], action: 'BUY', quantity: 1, target: 40, gives: MATCHED },
  { current: -50, inFlight: [50], action: 'BUY', quantity: 50, target: 0, gives: MATCHED },
].map((row, i) => ({ ...row, name: `with orders under way, ${String(i + 1)}` }) as Row); // the words are literal above

const smart = (
  gateway: Gateway,
  account: string,
  symbol: string,
  row: Pick<Row, 'action' | 'quantity' | 'target'>,
): Promise<Reply> =>
  bench.call(gateway, 'placesmartorder', {
    account,
    exchange: 'NSE',
    symbol,
    product: 'MIS',
    action: row.action,
    quantity: String(row.quantity),
    position_size: String(row.target),
  });
const netOf = (account: string, symbol: string): Promise<number | null> =>
  bench.ledger.netPosition(accountId(account), 'NSE', symbol, 'INTRADAY');
const orderOf = (reply: Reply) => bench.ledger.order(orderId(String(reply.body['orderid'])));

describe.each(['paper-main', 'neutral-main'])('a smart order of %s', (account) => {
  let gateway: Gateway;
  beforeAll(async () => {
    await open();
    gateway = await bench.start();
  });
  afterAll(close);

  const place = (symbol: string, signed: number, fields = {}): Promise<Reply> =>
    bench.place(gateway, {
      account,
      symbol,
      action: signed > 0 ? 'BUY' : 'SELL',
      quantity: String(Math.abs(signed)),
      ...fields,
    });

  const cases = [...TABLE, ...EXAMPLES, ...IN_FLIGHT].map((row, i) => ({
    ...row,
    symbol: SHARES[i] ?? '',
  }));
  it.each(cases)('$name: from $current to $target', async (row) => {
    const { symbol } = row;
    if (row.current !== 0) {
      expect((await place(symbol, row.current)).status).toBe(200);
      await until(async () => (await netOf(account, symbol)) === row.current);
    }
    for (const signed of row.inFlight ?? []) {
      const far = { pricetype: 'LIMIT', price: signed > 0 ? '1' : '1000000' };
      const resting = await place(symbol, signed, far);
      expect(resting).toMatchObject({ status: 200, body: { state: 'accepted' } });
    }
    const startedAt = Date.now();
    const reply = await smart(gateway, account, symbol, row);
    expect(reply.status).toBe(200);
    // Nobody waits for a broker that is not asked.
    expect(Date.now() - startedAt).toBeLessThan(NOOP_LIMIT_MS);
    const sent = 'orderid' in reply.body ? await orderOf(reply) : null;
    const gave =
      sent === null ? reply.body['message'] : `${sent.terms.side} ${String(sent.terms.quantity)}`;
    expect(gave).toBe(row.gives);
    if (sent === null) return;
    const signed = sent.terms.side === 'BUY' ? sent.terms.quantity : -sent.terms.quantity;
    await until(async () => (await netOf(account, symbol)) === row.current + signed);
  });
});

describe('a smart order while the broker misbehaves', () => {
  beforeEach(open);
  afterEach(close);
  const ACCOUNT = 'neutral-main';
  const long = { action: 'BUY', quantity: 10, target: 10 } as const;
  const flat = { action: 'SELL', quantity: 10, target: 0 } as const;

  it('waits for an order in doubt and then counts it: a lost answer does not double the position', async () => {
    const gateway = await bench.start({ TORAN_ORDER_WAIT_MS: '3000' });
    await smart(gateway, ACCOUNT, 'INFY', long);
    bench.simulator.plan.next('orders', { kind: 'html', status: 502, applied: false }, null);
    bench.simulator.plan.next('place', { kind: 'answer-lost' });
    const lost = await smart(gateway, ACCOUNT, 'SBIN', long);
    expect(lost.body).toMatchObject({ in_doubt: true });
    const second = await smart(gateway, ACCOUNT, 'SBIN', long);
    expect(second).toMatchObject({ status: 200, body: { state: 'queued' } });
    expect(bench.placements()).toHaveLength(2);
    bench.simulator.plan.clear();
    await until(async () => (await orderOf(second))?.reasonCode === 'ALREADY_MATCHED', 15_000);
    expect(bench.placements()).toHaveLength(2);
    expect(await netOf(ACCOUNT, 'SBIN')).toBe(10);
  });

  it('counts the filled part as position and the rest as under way', async () => {
    const gateway = await bench.start();
    const resting = await bench.place(gateway, { pricetype: 'LIMIT', price: '90', quantity: '10' });
    bench.simulator.book.fill(String(resting.body['broker_order_id']), 4, '90');
    await until(async () => (await netOf(ACCOUNT, 'SBIN')) === 4);
    expect((await smart(gateway, ACCOUNT, 'SBIN', long)).body['message']).toBe(MATCHED);
    const reply = await smart(gateway, ACCOUNT, 'SBIN', { ...long, target: 12 });
    expect((await orderOf(reply))?.terms).toMatchObject({ side: 'BUY', quantity: 2 });
  });

  it('sends one exit for two equal alerts at once, filled late', async () => {
    const gateway = await bench.start();
    await smart(gateway, ACCOUNT, 'SBIN', long);
    await until(async () => (await netOf(ACCOUNT, 'SBIN')) === 10);
    bench.simulator.market.set({ fillDelayMs: 300 });
    const replies = await Promise.all([1, 2, 3].map(() => smart(gateway, ACCOUNT, 'SBIN', flat)));
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200]);
    await until(async () => (await netOf(ACCOUNT, 'SBIN')) === 0);
    expect(bench.placements().map((event) => [event.side, event.quantity])).toEqual([
      ['buy', 10],
      ['sell', 10],
    ]);
  });

  it('is never sent on a position that could not be read', async () => {
    bench.simulator.plan.next('positions', { kind: 'html', status: 502, applied: false }, null);
    const gateway = await bench.start({ TORAN_ORDER_DEADLINE_MS: '1500' });
    for (const row of [long, flat]) {
      const reply = await smart(gateway, ACCOUNT, 'SBIN', row);
      expect(reply).toMatchObject({ status: 400, body: { status: 'error' } });
      expect(['POSITION_UNKNOWN', 'DEADLINE']).toContain(reply.body['code']);
    }
    expect(bench.placements()).toEqual([]);
  });
});
