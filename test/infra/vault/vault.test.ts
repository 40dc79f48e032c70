import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { accountId } from '../../../src/core/domain/ids';
import { decrypt, encrypt } from '../../../src/infra/vault/cipher';
import { givenKey, givenPassphrase, masterKeyOf } from '../../../src/infra/vault/master-key';
import { newKeyPair, openSealed, sealTo } from '../../../src/infra/vault/sealed-box';
import { VaultBench } from '../../support/vault-bench';

const ONE = accountId('one');
const TWO = accountId('two');
const SECRET = { accountId: ONE, field: 'apiSecret' };

let bench: VaultBench;
beforeEach(async () => {
  bench = await VaultBench.open();
});
afterEach(() => bench.close());

const raw = <T>(work: (db: DatabaseSync) => T): T => {
  const db = new DatabaseSync(bench.path);
  try {
    return work(db);
  } finally {
    db.close();
  }
};
const rowsOf = (table: string): unknown[] =>
  raw((db) =>
    db
      .prepare(`SELECT * FROM ${table}`)
      .all()
      .map((row) => ({ ...row })),
  );

describe('a secret', () => {
  it('opens where it was sealed, also in another process, and never twice has the same text', async () => {
    const vault = await bench.vault();
    const sealed = await vault.seal(SECRET, 'päss word');
    expect(await vault.seal(SECRET, 'päss word')).not.toBe(sealed);
    expect(sealed).not.toContain('word');
    expect(await (await bench.vault()).open(SECRET, sealed)).toBe('päss word');
  });

  it('does not open for another field, for another account, or when a bit was changed', async () => {
    const vault = await bench.vault();
    const sealed = await vault.seal(SECRET, 'x');
    await vault.seal({ accountId: TWO, field: 'apiSecret' }, 'x');
    const middle = Math.floor(sealed.length / 2) + 5;
    const flipped = `${sealed.slice(0, middle)}${sealed[middle] === 'A' ? 'B' : 'A'}${sealed.slice(middle + 1)}`;
    for (const [place, text] of [
      [{ ...SECRET, field: 'apiKey' }, sealed],
      [{ ...SECRET, accountId: TWO }, sealed],
      [SECRET, flipped],
      [SECRET, 'x'],
    ] as const) {
      await expect(vault.open(place, text)).rejects.toMatchObject({ code: 'SECRET_UNREADABLE' });
    }
  });

  it('is bound to its account even under the same data key', async () => {
    const vault = await bench.vault();
    const sealed = await vault.seal(SECRET, 'x');
    raw((db) => {
      db.exec(`UPDATE data_keys SET account_id = 'two'`);
    });
    // The very vault that has the data key open by its id: only the binding stands in the way.
    await expect(vault.open({ ...SECRET, accountId: TWO }, sealed)).rejects.toMatchObject({
      code: 'SECRET_UNREADABLE',
    });
  });

  it('is bound to every part of its binding, in order', () => {
    const key = randomBytes(32);
    const sealed = encrypt(key, Buffer.from('x'), ['a', 1, 'b'], bench.random);
    expect(decrypt(key, sealed, ['a', 1, 'b'])?.toString()).toBe('x');
    for (const other of [
      ['a', 2, 'b'],
      ['b', 1, 'a'],
      ['a', 1, 'b', 'c'],
      ['a', '1', 'b'],
      ['a1b'],
    ]) {
      expect(decrypt(key, sealed, other)).toBeNull();
    }
    expect(decrypt(randomBytes(32), sealed, ['a', 1, 'b'])).toBeNull();
    expect(decrypt(key, 'c2hvcnQ', ['a', 1, 'b'])).toBeNull();
  });
});

describe('two processes that start on an empty ledger', () => {
  it('found one vault, and each opens what the other sealed', async () => {
    const [left, right] = await Promise.all([bench.vault(), bench.vault()]);
    const [one, two] = await Promise.all([left.seal(SECRET, 'l'), right.seal(SECRET, 'r')]);
    expect([await right.open(SECRET, one), await left.open(SECRET, two)]).toEqual(['l', 'r']);
    const sealed = await left.sealForLogin(SECRET, 'p');
    expect(await (await right.loginReader()).open(SECRET, sealed)).toBe('p');
    expect(rowsOf('vault')).toHaveLength(1);
    expect(rowsOf('data_keys')).toHaveLength(1);
  });
});

describe('a login secret', () => {
  it('opens with the private half alone', async () => {
    const vault = await bench.vault();
    const sealed = await vault.sealForLogin(SECRET, 'hunter2');
    // What a process without the role can open is another sealed box.
    expect(await vault.open(SECRET, sealed)).not.toContain('hunter2');
    const reader = await vault.loginReader();
    expect(await reader.open(SECRET, sealed)).toBe('hunter2');
    await expect(reader.open({ ...SECRET, field: 'password' }, sealed)).rejects.toMatchObject({
      code: 'SECRET_UNREADABLE',
    });
  });

  it('carries its place inside the box too, so that a holder of data keys cannot move it', async () => {
    const vault = await bench.vault();
    const box = await vault.open(SECRET, await vault.sealForLogin(SECRET, 'hunter2'));
    const moved = { accountId: TWO, field: 'apiSecret' };
    const reader = await vault.loginReader();
    await expect(reader.open(moved, await vault.seal(moved, box))).rejects.toMatchObject({
      code: 'SECRET_UNREADABLE',
    });
    const [keys, others] = [await newKeyPair(), await newKeyPair()];
    const sealed = await sealTo(keys.publicKey, SECRET, 'x');
    expect(await openSealed(keys, SECRET, sealed)).toBe('x');
    expect(await openSealed(others, SECRET, sealed)).toBeNull();
  });
});

describe('the key check', () => {
  const wrong = givenKey(randomBytes(32));

  it('refuses a wrong master key in one sentence and writes nothing', async () => {
    const right = givenKey(randomBytes(32));
    await (await bench.vault(right)).seal(SECRET, 'x');
    const before = [rowsOf('vault'), rowsOf('data_keys')];
    await expect(bench.vault(wrong)).rejects.toMatchObject({
      name: 'StartupError',
      message: expect.stringMatching(
        /^The master key is not .*set TORAN_MASTER_KEY to the one [^\n]+\.$/,
      ),
    });
    expect([rowsOf('vault'), rowsOf('data_keys')]).toEqual(before);
  });

  it('says which kind of key the folder was given, and makes no file beside it', async () => {
    await bench.vault(givenKey(randomBytes(32)));
    await expect(bench.vault()).rejects.toThrow(/set TORAN_MASTER_KEY,/);
    expect(existsSync(bench.keyFile)).toBe(false);
    expect(await bench.store.vaultFacts()).toMatchObject({ kind: 'key' });
    await expect(bench.vault(givenPassphrase('a long passphrase', bench.random))).rejects.toThrow(
      /set TORAN_MASTER_KEY,/,
    );
  });

  it('says how to change over from the key file', async () => {
    await bench.vault();
    await expect(bench.vault(wrong)).rejects.toThrow(
      /leave TORAN_MASTER_KEY .* out, .*rotate --to key/,
    );
  });

  it('notices a check record that was changed', async () => {
    const right = givenKey(randomBytes(32));
    await bench.vault(right);
    raw((db) => {
      db.exec(`UPDATE vault SET key_check = 'AAAA' || substr(key_check, 5)`);
    });
    await expect(bench.vault(right)).rejects.toThrow(/^The master key is not /);
  });

  it('lets a start go on although the data key of one account is broken', async () => {
    const vault = await bench.vault();
    const sealed = await vault.seal(SECRET, 'x');
    const other = { accountId: TWO, field: 'f' };
    const others = await vault.seal(other, 'y');
    raw((db) => {
      db.exec(`UPDATE data_keys SET wrapped = 'AAAA' WHERE account_id = 'one'`);
    });
    const next = await bench.vault();
    expect(await next.open(other, others)).toBe('y');
    await expect(next.open(SECRET, sealed)).rejects.toMatchObject({ code: 'SECRET_UNREADABLE' });
  });
});

describe('a passphrase', () => {
  it('opens by the figures and the salt in the ledger, and no other opens', async () => {
    const vault = await bench.vault(givenPassphrase('correct horse battery', bench.random));
    const sealed = await vault.seal(SECRET, 'x');
    const facts = await bench.store.vaultFacts();
    expect(facts?.scrypt).toMatchObject({ cost: 131_072, blockSize: 8, parallel: 1 });
    const again = await bench.vault(givenPassphrase('correct horse battery', bench.random));
    expect(await again.open(SECRET, sealed)).toBe('x');
    await expect(
      bench.vault(givenPassphrase('correct horse batterz', bench.random)),
    ).rejects.toThrow(/set TORAN_MASTER_PASSPHRASE to the one/);
  }, 60_000);
});

describe('forgetting an account', () => {
  it('destroys its key: nothing opens again, in this process or another, and the file holds no trace', async () => {
    const vault = await bench.vault();
    const other = await bench.vault();
    const sealed = await vault.seal(SECRET, 'x');
    const others = await vault.seal({ accountId: TWO, field: 'f' }, 'y');
    expect(await other.open(SECRET, sealed)).toBe('x');
    const row = {
      field: 'apiSecret',
      secrecy: 'app' as const,
      sealed,
      updatedAt: bench.clock.now(),
    };
    expect(await bench.store.saveCredentials(ONE, [row])).toBe(true);
    const wrapped = (await bench.store.dataKey(ONE))?.wrapped ?? '';
    expect(bench.ledgerBytes().includes(wrapped)).toBe(true);

    await bench.store.forgetAccount(ONE);
    for (const one of [vault, other, await bench.vault()]) {
      await expect(one.open(SECRET, sealed)).rejects.toMatchObject({ code: 'SECRET_UNREADABLE' });
    }
    expect(await vault.open({ accountId: TWO, field: 'f' }, others)).toBe('y');
    expect(bench.ledgerBytes().includes(wrapped)).toBe(false);
    expect(bench.ledgerBytes().includes(sealed)).toBe(false);
    // The next secret has another key, and what was sealed before is still lost.
    expect(await vault.open(SECRET, await vault.seal(SECRET, 'new'))).toBe('new');
    await expect(vault.open(SECRET, sealed)).rejects.toMatchObject({ code: 'SECRET_UNREADABLE' });
    expect(await bench.store.saveCredentials(ONE, [row])).toBe(false);
  });
});

describe('a rotation', () => {
  const next = (): { key: ReturnType<typeof masterKeyOf>; kind: 'key'; scrypt: null } => ({
    key: masterKeyOf(randomBytes(32)),
    kind: 'key',
    scrypt: null,
  });

  it('wraps everything anew: the old key opens nothing, the new one all', async () => {
    const first = givenKey(randomBytes(32));
    const vault = await bench.vault(first);
    const sealed = await vault.seal(SECRET, 'x');
    const login = await vault.sealForLogin(SECRET, 'hunter2');
    const old = (await bench.store.dataKey(ONE))?.wrapped ?? '';
    const to = next();
    expect(await vault.rewrap(to)).toBe(1);
    expect(await vault.rewrap(to)).toBe(1);
    await expect(bench.vault(first)).rejects.toThrow(/^The master key is not /);
    const after = await bench.vault(givenKey(to.key.bytes));
    expect(await after.open(SECRET, sealed)).toBe('x');
    expect(await (await after.loginReader()).open(SECRET, login)).toBe('hunter2');
    expect(bench.ledgerBytes().includes(old)).toBe(false);
  });

  it('leaves a process that runs with what it has, and tells it apart from one that must be restarted', async () => {
    const first = givenKey(randomBytes(32));
    const running = await bench.vault(first);
    const sealed = await running.seal(SECRET, 'x');
    await (await bench.vault(first)).rewrap(next());
    expect(await running.open(SECRET, sealed)).toBe('x');
    expect(await running.open(SECRET, await running.seal(SECRET, 'new'))).toBe('new');
    // A new account needs the master key, which this process was never given.
    await expect(running.seal({ accountId: TWO, field: 'f' }, 'y')).rejects.toMatchObject({
      code: 'SECRET_UNREADABLE',
      message: expect.stringContaining('restart this process'),
    });
  });

  it('of two at once takes one, and the other says so', async () => {
    const first = givenKey(randomBytes(32));
    const [left, right] = [await bench.vault(first), await bench.vault(first)];
    await left.rewrap(next());
    await expect(right.rewrap(next())).rejects.toThrow(/another rotation was first/);
  });
});
