import { statSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LedgerBench } from '../../support/gateway-ledger';

let bench: LedgerBench;
beforeEach(async () => {
  bench = await LedgerBench.open();
});
afterEach(async () => {
  await bench.close();
});

describe('the log of the ledger', () => {
  it('starts over while orders go on, so that it stays small', async () => {
    const log = `${bench.path}-wal`;
    for (let i = 0; i < 600; i += 1) await bench.queued();
    // 600 commits of some eight pages each; what SQLite itself would let it grow to is 16 MB.
    expect(statSync(log).size).toBeLessThan(8_000_000);
  });

  it('is closed with its thread, also right after a commit that woke it', async () => {
    for (let i = 0; i < 64; i += 1) await bench.queued();
    const second = bench.second();
    await second.close();
    expect((await bench.ledger.openOrders(bench.intent().order.accountId)).length).toBe(64);
  });
});
