import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { BrokerClient, BrokerModule, BrokerPorts } from '../../../src/core/ports/broker';
import { Accounts } from '../../../src/core/sessions/accounts';
import { GatewayError } from '../../../src/core/domain/errors';
import { credentialBroker } from '../../support/credential-broker';
import { VaultBench } from '../../support/vault-bench';

let bench: VaultBench;
beforeEach(async () => {
  bench = await VaultBench.open('vaulted');
});
afterEach(() => bench.close());

/** Accounts whose clients say by which key they were made, and when they were closed. */
const accountsOf = (key: () => string): { accounts: Accounts; closed: string[] } => {
  const closed: string[] = [];
  const base = credentialBroker('http://127.0.0.1:1');
  const module: BrokerModule = {
    ...base,
    create: (_account, credentials) => {
      const { apiKey } = credentials as { apiKey: string }; // the schema of the module
      const client = {
        name: apiKey,
        close: () => {
          closed.push(apiKey);
          return Promise.resolve();
        },
      };
      return client as unknown as BrokerClient; // no call is made
    },
  };
  const accounts = new Accounts(bench.ledger, bench.clock, [module], {
    credentials: () => {
      if (key() === '') throw new GatewayError('NO_SESSION', 'credentials are missing: apiKey');
      return Promise.resolve({ apiKey: key(), apiSecret: 's' });
    },
    ports: () => ({}) as BrokerPorts, // not looked at
  });
  return { accounts, closed };
};

describe('renewing an account', () => {
  it('makes the next client from the new credentials, and closes the old one only after its calls', async () => {
    let key = 'first';
    const { accounts, closed } = accountsOf(() => key);
    const account = await accounts.resolve('one');
    const before = await accounts.open(account);
    expect(await accounts.open(account)).toBe(before);
    key = 'second';
    accounts.renew(account.accountId);
    const after = await accounts.open(account);
    expect(after.client).toMatchObject({ name: 'second' });
    expect(before.client).toMatchObject({ name: 'first' });
    await bench.clock.advance(29_000);
    expect(closed).toEqual([]);
    await bench.clock.advance(1_000);
    expect(closed).toEqual(['first']);
    accounts.renew(account.accountId);
    await accounts.close();
    expect(closed).toEqual(['first', 'second']);
  });

  it('leaves no client when the credentials are gone, and makes one when they are back', async () => {
    let key = 'first';
    const { accounts } = accountsOf(() => key);
    const account = await accounts.resolve('one');
    await accounts.open(account);
    key = '';
    accounts.renew(account.accountId);
    await expect(accounts.open(account)).rejects.toMatchObject({ code: 'NO_SESSION' });
    key = 'back';
    expect((await accounts.open(account)).client).toMatchObject({ name: 'back' });
    await accounts.close();
  });
});
