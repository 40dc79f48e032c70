import { statSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LedgerBench } from '../../support/gateway-ledger';
import { until } from '../../support/until';

let bench: LedgerBench;
beforeEach(async () => {
  bench = await LedgerBench.open();
});
afterEach(async () => {
  await bench.close();
});

describe('the log of the ledger', () => {
  it('is moved into the file beside the orders, long before a commit would have to do it', async () => {
    for (let i = 0; i < 120; i += 1) await bench.queued();
    // SQLite itself begins at 16 MB of log.
    expect(statSync(`${bench.path}-wal`).size).toBeLessThan(8_000_000);
    await until(() => statSync(bench.path).size > 150_000);
  });

  it('is closed with its thread, also right after a commit that woke it', async () => {
    for (let i = 0; i < 64; i += 1) await bench.queued();
    const second = bench.second();
    await second.close();
    expect((await bench.ledger.openOrders(bench.intent().order.accountId)).length).toBe(64);
  });
});
