import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { Credentials } from '../../src/core/sessions/credentials';
import { totpAt } from '../../src/infra/totp';
import { epochMs } from '../../src/core/domain/ids';
import { givenKey, givenPassphrase } from '../../src/infra/vault/master-key';
import type { MasterKeySource } from '../../src/infra/vault/master-key';
import { runCli } from '../support/cli-process';
import type { CliRun } from '../support/cli-process';
import { credentialBroker } from '../support/credential-broker';
import { VaultBench } from '../support/vault-bench';

const SEED = 'JBSWY3DPEHPK3PXP';
let bench: VaultBench;
beforeEach(async () => {
  bench = await VaultBench.open('vaulted');
});
afterEach(() => bench.close());

const toran = (
  args: readonly string[],
  input = '',
  env: Readonly<Record<string, string>> = {},
): Promise<CliRun> => runCli(args, { TORAN_DATA: bench.directory, ...env }, input);
const rows = async (...call: Parameters<typeof toran>): Promise<Record<string, unknown>[]> => {
  const { code, out, err } = await toran(['--json', ...call[0]], call[1], call[2]);
  expect([code, err]).toEqual([0, '']);
  return JSON.parse(out) as Record<string, unknown>[];
};
const service = async (source?: MasterKeySource): Promise<Credentials> =>
  new Credentials({
    modules: [credentialBroker('http://127.0.0.1:1')],
    store: bench.store,
    vault: await bench.vault(source),
    clock: bench.clock,
  });
const appFields = async (name = 'one', source?: MasterKeySource): Promise<object> =>
  (await service(source)).appFields(bench.account(name, 'vaulted'));
const audited = (): string => {
  const db = new DatabaseSync(bench.path);
  try {
    return db
      .prepare('SELECT action, detail FROM audit ORDER BY seq')
      .all()
      .map((row) => `${String(row['action'])} ${String(row['detail'])}`)
      .join('\n');
  } finally {
    db.close();
  }
};

describe('toran accounts credentials', () => {
  it('takes name=value lines, keeps the others, and shows and audits no value', async () => {
    await toran(['accounts', 'credentials', 'one'], 'apiKey=KEY-MARK\napiSecret=SECRET-MARK\n');
    const shown = await rows(['accounts', 'credentials', 'one'], 'apiSecret=OTHER-MARK\n');
    expect(shown.map(({ field, needed }) => [field, needed])).toEqual([
      ['apiKey', 'to trade'],
      ['apiSecret', 'to trade'],
      ['userId', ''],
      ['password', 'to log in alone'],
      ['totpSecret', 'to log in alone'],
    ]);
    expect(shown.map(({ set }) => set !== '')).toEqual([true, true, false, false, false]);
    expect(await appFields()).toEqual({ apiKey: 'KEY-MARK', apiSecret: 'OTHER-MARK' });
    expect(audited()).toContain('credentials.set {"account":"one","fields":["apiSecret"]}');
    expect(JSON.stringify(shown) + audited()).not.toContain('MARK');
  }, 60_000);

  it('refuses wrong ones with 2, without repeating them', async () => {
    const wrong = await Promise.all([
      toran(['accounts', 'credentials', 'one'], 'apiKey=MARK with blanks\n'),
      toran(['accounts', 'credentials', 'one'], 'MARK\n'),
      toran(['accounts', 'credentials', 'one'], 'MARK=apiKey\n'),
    ]);
    expect(wrong.map(({ code }) => code)).toEqual([2, 2, 2]);
    expect(wrong[0].err).toMatch(/^apiKey: has a blank inside/);
    for (const { out, err } of wrong) expect(out + err).not.toContain('MARK');
  }, 60_000);
});

describe('toran accounts import', () => {
  const envFile = (text: string): string => {
    const file = path.join(bench.directory, 'openalgo.env');
    writeFileSync(file, text);
    return file;
  };
  const OPENALGO =
    "BROKER_API_KEY = 'KEY-MARK'\nBROKER_API_SECRET = 'SECRET-MARK'  # from the portal\n" +
    "REDIRECT_URL = 'http://127.0.0.1:5000/vaulted/callback'\nAPP_KEY = 'no-matter'\n";

  it('adds the account, takes what the file has, and says what is missing', async () => {
    const imported = await rows(['accounts', 'import', envFile(OPENALGO), '--login', 'AB12']);
    expect(imported.map((row) => [row['account'], row['field'], row['import']])).toEqual([
      ['vaulted-ab12', 'apiKey', 'taken from BROKER_API_KEY'],
      ['vaulted-ab12', 'apiSecret', 'taken from BROKER_API_SECRET'],
      ['vaulted-ab12', 'userId', 'missing'],
      ['vaulted-ab12', 'password', 'missing'],
      ['vaulted-ab12', 'totpSecret', 'missing'],
    ]);
    expect(await appFields('vaulted-ab12')).toEqual({
      apiKey: 'KEY-MARK',
      apiSecret: 'SECRET-MARK',
    });
    expect(JSON.stringify(imported) + audited()).not.toContain('MARK');
    const again = await rows(
      [
        'accounts',
        'import',
        envFile("BROKER_API_SECRET='NEW'\nBROKER_API_KEY='YOUR_BROKER_API_KEY'\n"),
      ].concat(['--broker', 'vaulted', '--account', 'vaulted-ab12']),
    );
    expect(again.map((row) => row['import'])).toEqual([
      'BROKER_API_KEY is still the sample',
      'taken from BROKER_API_SECRET',
      'missing',
      'missing',
      'missing',
    ]);
    expect(await appFields('vaulted-ab12')).toEqual({ apiKey: 'KEY-MARK', apiSecret: 'NEW' });
  }, 60_000);

  it('refuses what it cannot place, and adds no account then', async () => {
    const file = envFile(OPENALGO);
    const bare = path.join(bench.directory, 'bare.env');
    writeFileSync(bare, "BROKER_API_KEY='a b'\n");
    const wrong = await Promise.all([
      toran(['accounts', 'import', file]),
      toran(['accounts', 'import', file, '--broker', 'paper']),
      toran(['accounts', 'import', bare]),
      toran(['accounts', 'import', bare, '--broker', 'nope']),
      toran(['accounts', 'import', bare, '--broker', 'vaulted', '--login', 'new']),
      toran(['accounts', 'import', path.join(bench.directory, 'none.env')]),
    ]);
    expect(wrong.map(({ code, err }) => [code, err.split(':')[0]])).toEqual([
      [2, '--account'],
      [2, '--broker'],
      [2, '--broker'],
      [2, 'broker'],
      [2, 'apiKey'],
      [2, 'file'],
    ]);
    expect(await bench.ledger.accounts()).toHaveLength(2);
  }, 60_000);
});

describe('toran totp test', () => {
  it('says for how long the code counts, shows it only when asked, and only where the login role runs', async () => {
    await toran(['accounts', 'credentials', 'one'], `totpSecret=${SEED}\n`);
    const [plain] = await rows(['totp', 'test', 'one']);
    expect(Object.keys(plain ?? {})).toEqual(['id', 'seconds left']);
    expect(plain?.['seconds left']).toBeGreaterThanOrEqual(1);
    expect(plain?.['seconds left']).toBeLessThanOrEqual(30);
    const [shown] = await rows(['totp', 'test', 'one', '--show']);
    const codes = [0, 30_000].map((ago) => totpAt(SEED, epochMs(Date.now() - ago)).code);
    expect(codes).toContain(shown?.['code']);
    const refused = await toran(['totp', 'test', 'one'], '', { TORAN_ROLES: 'api,worker' });
    expect([refused.code, refused.err]).toEqual([2, expect.stringMatching(/^TORAN_ROLES: /)]);
    const unset = await toran(['totp', 'test', 'two']);
    expect([unset.code, unset.err]).toEqual([2, 'totpSecret: is not set for two\n']);
  }, 60_000);

  it('agrees with the published example of RFC 6238', () => {
    // "12345678901234567890" in base32; the RFC shows eight digits, authenticators the last six.
    const seed = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
    expect(totpAt(seed, epochMs(59_000))).toEqual({ code: '287082', secondsLeft: 1 });
    expect(totpAt(seed, epochMs(1_111_111_109_000)).code).toBe('081804');
  });
});

describe('toran vault', () => {
  const KEY = randomBytes(32).toString('base64');

  it('rotates from a key file to another, to a key, and to a passphrase', async () => {
    await toran(['accounts', 'credentials', 'one'], 'apiKey=k\napiSecret=s\n');
    const fields = { apiKey: 'k', apiSecret: 's' };
    const before = readFileSync(bench.keyFile, 'utf8');
    expect(await rows(['vault', 'rotate'])).toEqual([
      { 'master key': 'file', accounts: 1, 'to do': 'nothing' },
    ]);
    expect(readFileSync(bench.keyFile, 'utf8')).not.toBe(before);
    expect(await appFields()).toEqual(fields);

    const [toKey] = await rows(['vault', 'rotate', '--to', 'key'], `${KEY}\n`);
    expect(toKey?.['to do']).toMatch(/TORAN_MASTER_KEY/);
    expect(existsSync(bench.keyFile)).toBe(false);
    const key = givenKey(Buffer.from(KEY, 'base64'));
    expect(await appFields('one', key)).toEqual(fields);

    const passphrase = 'correct horse battery';
    await rows(['vault', 'rotate', '--to', 'passphrase'], `${passphrase}\n`, {
      TORAN_MASTER_KEY: KEY,
    });
    expect(await appFields('one', givenPassphrase(passphrase, bench.random))).toEqual(fields);
    const wrong = await toran(['vault', 'rotate'], 'x\n', { TORAN_MASTER_KEY: KEY });
    expect([wrong.code, wrong.err]).toEqual([1, expect.stringMatching(/^The master key is not /)]);
    expect(audited().match(/vault\.rotate/g)).toHaveLength(3);
    expect(audited()).not.toContain(KEY);
  }, 60_000);

  it('refuses a new key that is none, and changes nothing', async () => {
    await toran(['accounts', 'credentials', 'one'], 'apiKey=k\napiSecret=s\n');
    const refused = await toran(['vault', 'rotate', '--to', 'key'], 'MARK\n');
    expect([refused.code, refused.err]).toEqual([2, expect.stringMatching(/32 bytes/)]);
    expect(refused.err).not.toContain('MARK');
    expect((await toran(['vault', 'rotate', '--to', 'nothing'])).code).toBe(2);
    expect(await appFields()).toEqual({ apiKey: 'k', apiSecret: 's' });
  }, 60_000);

  it('forgets one account and leaves the other; gives everything up only when told so twice', async () => {
    for (const name of ['one', 'two']) {
      await toran(['accounts', 'credentials', name], 'apiKey=k\napiSecret=s\n');
    }
    expect(await rows(['vault', 'forget', 'one'])).toEqual([{ id: 'one', forgotten: true }]);
    await expect(appFields('one')).rejects.toMatchObject({ code: 'NO_SESSION' });
    expect(await appFields('two')).toEqual({ apiKey: 'k', apiSecret: 's' });
    // The master key is lost: nothing starts any more, and reset is the way out.
    writeFileSync(bench.keyFile, `${randomBytes(32).toString('base64')}\n`);
    expect((await toran(['accounts', 'credentials', 'two'])).code).toBe(1);
    expect((await toran(['vault', 'reset'])).code).toBe(2);
    expect(await rows(['vault', 'reset', '--yes'])).toEqual([{ id: 'two', forgotten: true }]);
    await toran(['accounts', 'credentials', 'two'], 'apiKey=k2\napiSecret=s2\n');
    expect(await appFields('two')).toEqual({ apiKey: 'k2', apiSecret: 's2' });
  }, 60_000);
});
