import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Account } from '../../../src/core/domain/account';
import { accountId } from '../../../src/core/domain/ids';
import { Credentials, loginFields } from '../../../src/core/sessions/credentials';
import type { CredentialChange } from '../../../src/core/sessions/credentials';
import { CredentialWatch } from '../../../src/core/sessions/credential-watch';
import type { Vault } from '../../../src/infra/vault/vault';
import { credentialBroker } from '../../support/credential-broker';
import { quiet } from '../../support/gateway-redis';
import { VaultBench } from '../../support/vault-bench';

const SEED = 'JBSWY3DPEHPK3PXP';
let bench: VaultBench;
let vault: Vault;
let credentials: Credentials;
let account: Account;
beforeEach(async () => {
  bench = await VaultBench.open('vaulted');
  vault = await bench.vault();
  credentials = service();
  account = bench.account('one', 'vaulted');
});
afterEach(() => bench.close());

const service = (): Credentials =>
  new Credentials({
    modules: [credentialBroker('http://127.0.0.1:1')],
    store: bench.store,
    vault,
    clock: bench.clock,
  });

const present = async (): Promise<Record<string, number | null>> =>
  Object.fromEntries((await credentials.presence(account)).map((one) => [one.name, one.updatedAt]));

describe('credentials', () => {
  it('keep what was set before when some are set', async () => {
    const first = bench.clock.now();
    expect(await credentials.set(account, { apiKey: ' key-1 ', apiSecret: 's-1' })).toEqual([
      'apiKey',
      'apiSecret',
    ]);
    await bench.clock.advance(60_000);
    await credentials.set(account, { apiSecret: 's-2' });
    expect(await credentials.appFields(account)).toEqual({ apiKey: 'key-1', apiSecret: 's-2' });
    expect(await present()).toEqual({
      apiKey: first,
      apiSecret: first + 60_000,
      userId: null,
      password: null,
      totpSecret: null,
    });
  });

  it.each([
    [{ apiKey: 'has blanks' }, 'apiKey', /^apiKey: has a blank inside; copy it again/],
    [{ totpSecret: 'not-base-32!' }, 'totpSecret', /^totpSecret: is not base32/],
    [{ apiKey: '' }, 'apiKey', /^apiKey: is empty$/],
    [{ apiKey: 7 }, 'apiKey', /^apiKey: must be a text$/],
    [{ apiKey: 'x'.repeat(2_000) }, 'apiKey', /^apiKey: is longer than 1024/],
    [{ apiKey: 'a\0b' }, 'apiKey', /^apiKey: holds characters/],
    [{}, null, /^Give at least one of apiKey, /],
    [{ apiKey: 'fine', 'mistaken-secret': 'x' }, null, /^There is a field that is none of apiKey,/],
    [{ apiKey: 'a b', apiSecret: 'c d' }, 'apiKey', /^apiKey: .*; apiSecret: /],
  ])('refuse %j by name, and store nothing', async (entered, field, message) => {
    await expect(credentials.set(account, entered)).rejects.toMatchObject({
      code: 'VALIDATION',
      field,
      message: expect.stringMatching(message),
    });
    expect(Object.values(await present()).every((at) => at === null)).toBe(true);
  });

  it('never repeat a value or a name that was entered, even where the schema of the broker would', async () => {
    const entered = [{ password: 'my secret pass' }, { 'my secret pass': 'password' }];
    for (const one of entered) {
      const fault: unknown = await credentials.set(account, one).catch((error: unknown) => error);
      expect(fault).toMatchObject({ code: 'VALIDATION' });
      expect(String(fault)).not.toContain('secret pass');
    }
  });

  it('name what is missing before the account can trade', async () => {
    await credentials.set(account, { apiSecret: 's' });
    await expect(credentials.appFields(account)).rejects.toMatchObject({
      code: 'NO_SESSION',
      message: expect.stringMatching(
        /^credentials are missing: apiKey; give them with .*credentials one`$/,
      ),
    });
  });

  it('give login fields to a login reader alone', async () => {
    const entered = { apiKey: 'k', apiSecret: 's', password: 'hunter2', totpSecret: SEED };
    await credentials.set(account, entered);
    expect(await credentials.appFields(account)).toEqual({ apiKey: 'k', apiSecret: 's' });
    const [password] = (await bench.store.credentials(account.accountId)).filter(
      (row) => row.field === 'password',
    );
    const place = { accountId: account.accountId, field: 'password' };
    expect(await vault.open(place, password?.sealed ?? '')).not.toContain('hunter2');
    const reader = await vault.loginReader();
    expect(await loginFields(reader, bench.store, account.accountId)).toEqual(
      new Map([
        ['password', 'hunter2'],
        ['totpSecret', SEED],
      ]),
    );
  });

  it('are gone when the account is forgotten, and whoever listens hears it', async () => {
    const heard: CredentialChange[] = [];
    credentials.onChange((change) => {
      heard.push(change);
    });
    await credentials.set(account, { apiKey: 'k', apiSecret: 's' });
    const token = await vault.seal({ ...account, field: 'session-token' }, 'token');
    await credentials.forget(account);
    expect(heard).toEqual([
      { accountId: 'one', forgotten: false },
      { accountId: 'one', forgotten: true },
    ]);
    expect(Object.values(await present()).every((at) => at === null)).toBe(true);
    await expect(vault.open({ ...account, field: 'session-token' }, token)).rejects.toMatchObject({
      code: 'SECRET_UNREADABLE',
    });
    await credentials.set(account, { apiKey: 'k2', apiSecret: 's2' });
    expect(await credentials.appFields(account)).toEqual({ apiKey: 'k2', apiSecret: 's2' });
  });
});

describe('the watch over credentials', () => {
  it('tells of what another process changed or forgot, once each', async () => {
    const heard: CredentialChange[] = [];
    await credentials.set(account, { apiKey: 'k' });
    const mine = service();
    mine.onChange((change) => {
      heard.push(change);
    });
    const watch = new CredentialWatch({
      store: bench.store,
      credentials: mine,
      clock: bench.clock,
      logger: quiet,
    });
    await watch.start();
    await watch.look();
    expect(heard).toEqual([]);
    await credentials.set(account, { apiKey: 'k2' });
    await watch.look();
    await watch.look();
    expect(heard).toEqual([{ accountId: 'one', forgotten: false }]);
    await credentials.forget({ accountId: accountId('one') });
    await watch.look();
    expect(heard.slice(1)).toEqual([{ accountId: 'one', forgotten: true }]);
    await watch.close();
  });

  it('tells again what a listener could not take', async () => {
    const mine = service();
    let calls = 0;
    mine.onChange(() => {
      calls += 1;
      if (calls === 1) throw new Error('not now');
    });
    const watch = new CredentialWatch({
      store: bench.store,
      credentials: mine,
      clock: bench.clock,
      logger: quiet,
    });
    await watch.start();
    await credentials.set(account, { apiKey: 'k' });
    await expect(watch.look()).rejects.toThrow('not now');
    await watch.look();
    expect(calls).toBe(2);
    await watch.close();
  });
});
