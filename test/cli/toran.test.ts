import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { brokerOrderId } from '../../src/core/domain/ids';
import { fill, LedgerBench, report } from '../support/gateway-ledger';

const ROOT = path.resolve(__dirname, '..', '..');

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

let bench: LedgerBench;
beforeEach(async () => {
  bench = await LedgerBench.open();
});
afterEach(async () => {
  await bench.close();
});

/** Runs the command line as a process of its own over the ledger in `directory`. */
const toran = (args: readonly string[], directory = bench.directory): Promise<Ran> =>
  new Promise((resolve) => {
    execFile(
      process.execPath,
      [
        '--disable-warning=ExperimentalWarning',
        '--require',
        path.join(ROOT, 'test', 'support', 'swc-register.cjs'),
        path.join(ROOT, 'src', 'cli', 'main.ts'),
        ...args,
      ],
      { env: { PATH: process.env['PATH'], TORAN_DATA: directory } },
      (fault, out, err) => {
        resolve({
          code: typeof fault?.code === 'number' ? fault.code : fault === null ? 0 : -1,
          out,
          err,
        });
      },
    );
  });

const json = async (args: readonly string[]): Promise<unknown> => {
  const { code, out, err } = await toran(['--json', ...args]);
  expect([code, err]).toEqual([0, '']);
  return JSON.parse(out);
};

const audited = (): readonly unknown[] => {
  const db = new DatabaseSync(bench.path);
  try {
    return db
      .prepare('SELECT actor, action FROM audit ORDER BY seq')
      .all()
      .map((row) => ({ ...row }));
  } finally {
    db.close();
  }
};

describe('toran explain', () => {
  it('prints the whole life of an order on one page', async () => {
    const made = await bench.working('B1', { clientOrderId: 'mine-1' });
    const row = report('B1', { status: 'filled', filledQuantity: 10 });
    await bench.read([row], [fill('T1', 'B1', 10, '812.5', bench.now())]);
    const { code, out } = await toran(['explain', made.orderId]);
    expect(code).toBe(0);
    for (const part of [
      `Order ${made.orderId}`,
      'BUY 10 NSE:SBIN MARKET INTRADAY DAY',
      'broker order B1',
      'client order id mine-1',
      'intent',
      'submitted',
      'outcome',
      'T1',
      'Verdict: Complete, 10 of 10 filled at an average of 812.5.',
    ]) {
      expect(out).toContain(part);
    }
  });

  it('says that an order in doubt is not sent again', async () => {
    const made = await bench.doubtful();
    const { out } = await toran(['explain', made.orderId]);
    expect(out).toMatch(/Verdict: In doubt since .* It is not sent again/);
  });

  it('gives the same facts as JSON', async () => {
    const made = await bench.working('B1');
    expect(await json(['explain', made.orderId])).toMatchObject({
      order: { orderId: made.orderId, state: 'accepted', brokerOrderId: 'B1' },
      waits: [{ n: 1, kind: 'place', queuedMs: 0, wireMs: 0 }],
    });
  });

  it('ends with 3 for an order that is not there', async () => {
    const { code, out, err } = await toran(['explain', '260108999999999']);
    expect([code, out]).toEqual([3, '']);
    expect(err).toBe('Order 260108999999999 not found\n');
  });
});

describe('toran keys', () => {
  it('makes a key, lists it without its text, and revokes it', async () => {
    const [made] = (await json(['keys', 'create', '--label', 'laptop', '--scopes', 'read'])) as [
      { id: string; key: string },
    ];
    expect(made.key).toMatch(/^[0-9a-f]{64}$/);
    const listed = await toran(['keys', 'list']);
    expect(listed.out).toContain('laptop');
    expect(listed.out).not.toContain(made.key);
    const [row] = await bench.ledger.apiKeys();
    expect(row).toMatchObject({ keyId: made.id, scopes: ['read'], revokedAt: null });
    expect(JSON.stringify(row)).not.toContain(made.key);
    expect(await json(['keys', 'revoke', made.id])).toEqual([{ id: made.id, revoked: true }]);
    expect((await bench.ledger.apiKeys())[0]?.revokedAt).not.toBeNull();
    expect((await toran(['keys', 'revoke', made.id])).code).toBe(3);
    expect(audited()).toEqual([
      { actor: 'cli', action: 'keys.create' },
      { actor: 'cli', action: 'keys.revoke' },
    ]);
  });

  it.each([
    [['keys', 'create'], /--label/],
    [['keys', 'create', '--label', 'x', '--scopes', 'read,everything'], /--scopes: everything/],
    [['keys', 'create', '--label', 'x', '--scopes', ''], /--scopes/],
    [['keys', 'create', '--label', 'x', '--rate', '0'], /--rate/],
    [['keys', 'create', '--label', 'x', '--rate', '1.5'], /--rate/],
  ])('ends with 2 and says what is wrong: %j', async (args, said) => {
    const { code, out, err } = await toran(args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(said);
    expect(await bench.ledger.apiKeys()).toEqual([]);
  });
});

describe('toran accounts', () => {
  it('adds an account, shows it and makes it the default', async () => {
    expect(await json(['accounts', 'add', '--broker', 'paper', '--login', 'second'])).toEqual([
      { id: 'paper-second', label: 'second' },
    ]);
    await json(['accounts', 'default', 'second']);
    expect(await json(['accounts', 'list'])).toMatchObject([
      { id: 'paper-main', default: '', simulated: 'yes' },
      { id: 'paper-second', default: 'yes', simulated: 'yes' },
    ]);
    expect(audited()).toEqual([
      { actor: 'cli', action: 'accounts.add' },
      { actor: 'cli', action: 'accounts.default' },
    ]);
  });

  it.each([
    [['accounts', 'add', '--broker', 'nobody', '--login', 'x'], /broker: must be one of/],
    [['accounts', 'add', '--broker', 'paper', '--login', 'a b'], /login: /],
    [['accounts', 'add', '--broker', 'paper', '--login', 'main'], /exists/],
    [['accounts', 'default', 'nobody'], /no account nobody/],
  ])('ends with 2 and says what is wrong: %j', async (args, said) => {
    const { code, err } = await toran(args);
    expect(code).toBe(2);
    expect(err).toMatch(said);
    expect(await bench.ledger.accounts()).toHaveLength(1);
  });
});

describe('toran accounts live', () => {
  const flags = async (): Promise<readonly boolean[]> =>
    (await bench.ledger.accounts()).map((account) => account.live);

  it('turns the switch of an account of real money, with its label as the confirmation', async () => {
    await json(['accounts', 'add', '--broker', 'neutral-live', '--login', 'r', '--label', 'Book']);
    const on = ['accounts', 'live', 'Book', 'on'];
    for (const wrong of [on, [...on, '--confirm', 'book'], ['accounts', 'live', 'Book', 'yes']]) {
      expect((await toran(wrong)).code).toBe(2);
    }
    expect(await flags()).toEqual([false, false]);
    expect(await json([...on, '--confirm', 'Book'])).toMatchObject([
      { id: 'neutral-live-r', live: true, analyzer: 'off', 'open live orders': 0 },
    ]);
    expect(await flags()).toEqual([false, true]);
    expect(await json(['accounts', 'list'])).toMatchObject([
      { id: 'paper-main', live: '' },
      { id: 'neutral-live-r', live: 'yes' },
    ]);
    await json(['accounts', 'live', 'Book', 'off']);
    expect(await flags()).toEqual([false, false]);
    const turns = audited().filter((line) => JSON.stringify(line).includes('account.live'));
    expect(turns).toEqual(Array(2).fill({ actor: 'cli', action: 'account.live' }));
  });

  it('knows no such switch for a simulated account', async () => {
    const { code, err } = await toran(['accounts', 'live', 'paper', 'on', '--confirm', 'paper']);
    expect([code, err]).toEqual([2, expect.stringContaining('no live switch')]);
    expect(await flags()).toEqual([false]);
  });
});

describe('toran orders resolve', () => {
  it('settles an order in doubt by the word of a person', async () => {
    const made = await bench.doubtful();
    const { code, err } = await toran(['orders', 'resolve', made.orderId, '--adopt', 'B7']);
    expect([code, err]).toEqual([0, '']);
    expect((await bench.order(made.orderId)).brokerOrderId).toBe(brokerOrderId('B7'));
    const other = await bench.doubtful();
    await json(['orders', 'resolve', other.orderId, '--not-placed', '--reason', 'not in its book']);
    expect(await bench.order(other.orderId)).toMatchObject({
      state: 'denied',
      reason: 'not in its book',
    });
  });

  it('wants one verdict, and a reason for "not placed"', async () => {
    const made = await bench.doubtful();
    const wrong = [
      [],
      ['--not-placed'],
      ['--not-placed', '--reason', ' '],
      ['--not-placed', '--reason', 'x', '--adopt', 'B1'],
    ];
    for (const args of wrong) {
      expect((await toran(['orders', 'resolve', made.orderId, ...args])).code).toBe(2);
    }
    expect((await bench.command(made.orderId)).state).toBe('in_doubt');
  });

  it('ends with 3 for an order that is not there and 2 for one that is not in doubt', async () => {
    const made = await bench.working('B1');
    const resolve = (id: string): Promise<Ran> => toran(['orders', 'resolve', id, '--adopt', 'B2']);
    expect((await resolve('260108999999999')).code).toBe(3);
    expect((await resolve(made.orderId)).code).toBe(2);
  });
});

describe('toran', () => {
  it('says what to do where there is no ledger, and makes none', async () => {
    const empty = mkdtempSync(path.join(os.tmpdir(), 'toran-empty-'));
    const { code, err } = await toran(['keys', 'list'], empty);
    rmSync(empty, { recursive: true });
    expect(code).toBe(1);
    expect(err).toMatch(/There is no ledger in .*npm start/);
  });

  it.each([[['nonsense']], [['explain']], [['keys', 'list', '--nonsense']]])(
    'ends with 2 for a command that it does not have: %j',
    async (args) => {
      expect((await toran(args)).code).toBe(2);
    },
  );

  it('names a command that a group does not have, and those that it has', async () => {
    const { code, err } = await toran(['accounts', 'stop', 'paper']);
    expect(code).toBe(2);
    expect(err).toMatch(/^error: unknown command 'accounts stop'; there are: list, add, /);
  });

  it('ends with 0 for its help', async () => {
    const { code, out } = await toran(['--help']);
    expect(code).toBe(0);
    expect(out).toContain('explain');
  });
});
