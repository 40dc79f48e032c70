import { describe, expect, it } from '@jest/globals';
import { epochMs } from '../../src/core/domain/ids';
import type { ApiKeyRow } from '../../src/core/ports/ledger';
import { LedgerApiKeys } from '../../src/core/sessions/api-keys';
import { FakeClock } from '../fakes/fake-clock';
import { SeededRandom } from '../fakes/seeded-random';

/** One table of keys, as two processes would share it. */
const table = () => {
  const rows: ApiKeyRow[] = [];
  let reads = 0;
  const ledger = {
    apiKeys: () => {
      reads += 1;
      return Promise.resolve([...rows]);
    },
    addApiKey: (row: ApiKeyRow) => {
      rows.push(row);
      return Promise.resolve();
    },
    revokeApiKey: (keyId: string, at: number) => {
      const index = rows.findIndex((row) => row.keyId === keyId);
      const row = rows[index];
      if (row === undefined) return Promise.resolve(false);
      rows[index] = { ...row, revokedAt: epochMs(at) };
      return Promise.resolve(true);
    },
  };
  return { rows, ledger, reads: () => reads };
};

describe('LedgerApiKeys', () => {
  it('stores a hash, never the key', async () => {
    const { rows, ledger } = table();
    const keys = new LedgerApiKeys(ledger, new FakeClock(), new SeededRandom(1));
    const { secret, key } = await keys.create('bot', ['trade'], 10);
    expect(secret).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify(rows)).not.toContain(secret);
    expect(await keys.verify(secret)).toEqual(key);
    expect(await keys.verify(secret.toUpperCase())).toBeNull();
    expect(await keys.verify('')).toBeNull();
  });

  it('sees a key of another process soon and its revocation within a second', async () => {
    const { ledger } = table();
    const clock = new FakeClock();
    const here = new LedgerApiKeys(ledger, clock, new SeededRandom(1));
    const there = new LedgerApiKeys(ledger, clock, new SeededRandom(2));
    expect(await here.verify('warm up')).toBeNull();
    const { secret, key } = await there.create('bot', ['read'], 10);
    await clock.advance(101);
    expect(await here.verify(secret)).not.toBeNull();
    await there.revoke(key.keyId);
    await clock.advance(1001);
    expect(await here.verify(secret)).toBeNull();
  });

  it('does not keep a list whose reading began before its own revocation', async () => {
    const { ledger } = table();
    const gate = { held: false, release: (): void => undefined };
    const keys = new LedgerApiKeys(
      {
        ...ledger,
        apiKeys: async () => {
          const rows = await ledger.apiKeys();
          if (gate.held) {
            await new Promise<void>((resolve) => {
              gate.release = resolve;
            });
          }
          return rows;
        },
      },
      new FakeClock(),
      new SeededRandom(1),
    );
    const { secret, key } = await keys.create('bot', ['read'], 10);
    gate.held = true;
    const verifying = keys.verify(secret);
    await Promise.resolve();
    await Promise.resolve();
    gate.held = false;
    await keys.revoke(key.keyId);
    gate.release();
    expect(await verifying).toBeNull();
    expect(await keys.verify(secret)).toBeNull();
  });

  it('reads the ledger a few times only under a flood of wrong keys', async () => {
    const { ledger, reads } = table();
    const keys = new LedgerApiKeys(ledger, new FakeClock(), new SeededRandom(1));
    for (let call = 0; call < 100; call += 1) await keys.verify(`wrong ${call}`);
    expect(reads()).toBe(1);
  });
});
