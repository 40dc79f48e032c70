import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { monotonicMs } from '../../../src/core/domain/ids';
import type { MonotonicMs } from '../../../src/core/domain/ids';
import { SqliteLedger } from '../../../src/infra/ledger/sqlite-ledger';
import { SystemClock } from '../../../src/infra/system-clock';
import { SystemRandom } from '../../../src/infra/system-random';
import { FakeClock } from '../../fakes/fake-clock';
import { SeededRandom } from '../../fakes/seeded-random';
import { LedgerBench } from '../../support/gateway-ledger';

/** Each wait takes half a second of this clock and no real time. */
class JumpingClock extends FakeClock {
  waitedMs = 0;

  override monotonic(): MonotonicMs {
    return monotonicMs(this.waitedMs);
  }
  override sleep(): Promise<void> {
    this.waitedMs += 500;
    return new Promise((resolve) => setImmediate(resolve));
  }
}

let bench: LedgerBench;
beforeEach(async () => {
  bench = await LedgerBench.open();
});
afterEach(async () => {
  await bench.close();
});

const withRaw = <T>(work: (db: DatabaseSync) => T): T => {
  const db = new DatabaseSync(bench.path);
  try {
    return work(db);
  } finally {
    db.close();
  }
};

describe('the ledger file', () => {
  it('keeps everything when it is opened again, and is migrated once', async () => {
    const made = await bench.queued();
    const again = bench.second();
    expect(await again.order(made.orderId)).toEqual(made);
    await again.close();
    const ids = withRaw((db) => db.prepare('SELECT id FROM schema_migrations ORDER BY id').all());
    expect(new Set(ids.map((row) => row['id'])).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThan(0);
  });

  it('refuses a file of a newer version with a sentence, and leaves it as it was', () => {
    withRaw((db) => {
      db.exec("INSERT INTO schema_migrations (id, name) VALUES (9999, 'later')");
    });
    expect(() => bench.second()).toThrow(/schema 9999.*newer version/);
    const rows = withRaw((db) => db.prepare('SELECT count(*) AS n FROM accounts').get());
    expect(rows?.['n']).toBe(1);
  });

  it('is kept in WAL mode, so that readers do not wait for writers', () => {
    expect(withRaw((db) => db.prepare('PRAGMA journal_mode').get())).toEqual({
      journal_mode: 'wal',
    });
  });

  it.each(['order_events', 'audit'])(
    'lets nobody rewrite or delete a line of %s',
    async (table) => {
      const made = await bench.queued();
      await bench.ledger.addEvent(made.orderId, null, bench.now(), 'note', {});
      await bench.ledger.audit(bench.now(), 'test', 'note', {});
      withRaw((db) => {
        expect(db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n']).not.toBe(0);
        expect(() => {
          db.exec(`UPDATE ${table} SET detail = '{}'`);
        }).toThrow(/append-only/);
        expect(() => {
          db.exec(`DELETE FROM ${table}`);
        }).toThrow(/append-only/);
      });
    },
  );

  it('shows nothing of a transaction that fails half way', async () => {
    const good = bench.intent();
    const bad = bench.intent({ orderId: good.order.orderId });
    await expect(bench.ledger.recordIntents([good, bad])).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
    expect(await bench.ledger.order(good.order.orderId)).toBeNull();
    expect(await bench.ledger.events(good.order.orderId)).toEqual([]);
  });
});

describe('a ledger that another connection holds locked', () => {
  it('is waited for without stopping the event loop', async () => {
    const ledger = new SqliteLedger(bench.path, new SystemClock(), new SystemRandom());
    const holder = new DatabaseSync(bench.path);
    try {
      holder.exec('BEGIN IMMEDIATE');
      const intent = bench.intent();
      let written = false;
      const writing = ledger.recordIntents([intent]).then(() => {
        written = true;
      });
      // Turns that the event loop makes while the write waits.
      for (let turn = 0; turn < 200; turn += 1) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(written).toBe(false);
      holder.exec('COMMIT');
      await writing;
      expect(await ledger.order(intent.order.orderId)).not.toBeNull();
    } finally {
      holder.close();
      await ledger.close();
    }
  });

  it('is given up after some seconds as STORE_UNAVAILABLE, with nothing written', async () => {
    const clock = new JumpingClock();
    const ledger = new SqliteLedger(bench.path, clock, new SeededRandom(3));
    const holder = new DatabaseSync(bench.path);
    try {
      holder.exec('BEGIN IMMEDIATE');
      const intent = bench.intent();
      await expect(ledger.recordIntents([intent])).rejects.toMatchObject({
        code: 'STORE_UNAVAILABLE',
      });
      expect(clock.waitedMs).toBeGreaterThanOrEqual(3_000);
      expect(clock.waitedMs).toBeLessThanOrEqual(10_000);
      holder.exec('ROLLBACK');
      expect(await ledger.order(intent.order.orderId)).toBeNull();
    } finally {
      holder.close();
      await ledger.close();
    }
  });

  it('can still be read', async () => {
    const made = await bench.queued();
    const holder = new DatabaseSync(bench.path);
    try {
      holder.exec('BEGIN IMMEDIATE');
      expect((await bench.ledger.order(made.orderId))?.state).toBe('queued');
    } finally {
      holder.close();
    }
  });
});
