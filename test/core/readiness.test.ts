import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Account } from '../../src/core/domain/account';
import { GatewayError } from '../../src/core/domain/errors';
import { accountId, brokerId, epochMs } from '../../src/core/domain/ids';
import type { BookPace, BrokerModule } from '../../src/core/ports/broker';
import type { BusMessage } from '../../src/core/ports/bus';
import type { SessionFacts } from '../../src/core/ports/tokens';
import type { Accounts } from '../../src/core/sessions/accounts';
import { BrokerReads } from '../../src/core/sessions/broker-reads';
import type { LoginFault } from '../../src/core/sessions/logins';
import { createReadiness } from '../../src/core/sessions/readiness';
import type { AccountReadiness } from '../../src/core/sessions/readiness';
import { createSessionGate } from '../../src/core/sessions/session-gate';
import { FakeClock } from '../fakes/fake-clock';

const HOUR = 3_600_000;
const account: Account = {
  accountId: accountId('main'),
  broker: brokerId('fake'),
  login: 'AB123456',
  label: 'Main book',
  isDefault: true,
  stoppedReason: null,
  live: true,
  twinOf: null,
};

let clock: FakeClock;
let token: string | null;
let session: SessionFacts | null;
let open: () => Promise<unknown>;
let missing: string[];
let bookPace: BookPace | undefined;
let loginFault: LoginFault | null;
let outgoingAddress: string | null;
let published: BusMessage[];
let tell: (message: BusMessage) => void;
let look: (changes?: Partial<Account>) => Promise<AccountReadiness>;

beforeEach(() => {
  clock = new FakeClock();
  token = 'tok';
  session = {
    startedAt: clock.now(),
    expiresAt: epochMs(clock.now() + 8 * HOUR),
    identity: 'AB123456',
    died: null,
    unreadable: false,
  };
  open = () => Promise.resolve({ client: { session: { login: {} } } });
  missing = [];
  bookPace = undefined;
  loginFault = null;
  outgoingAddress = null;
  published = [];
  const bus = {
    publish: (message: BusMessage) => void published.push(message),
    subscribe: (listener: typeof tell) => {
      tell = listener;
      return () => undefined;
    },
  };
  // The call that is made; the cast stands for the rest.
  const accounts = { open: () => open() } as unknown as Accounts;
  const tokens = {
    current: () => Promise.resolve(token),
    session: () => Promise.resolve(session),
    onChange: () => () => undefined,
  };
  const reads = new BrokerReads(bus, clock);
  look = (changes = {}) =>
    createReadiness({
      accounts: {
        list: () => Promise.resolve([account]),
        module: () => ({ capabilities: { bookPace } }) as BrokerModule, // what is read of it
      },
      tokens,
      gate: createSessionGate(accounts, tokens, clock),
      reads,
      logins: { lastFault: () => loginFault },
      credentials: () => Promise.resolve({ complete: missing.length === 0, missing }),
      outgoingAddress,
      bus,
      clock,
    }).of({ ...account, ...changes });
  tell({ kind: 'read', accountId: account.accountId, fault: null });
});

const readFails = (): void => {
  const fault = { code: 'TIMEOUT', message: 'GET /orders: timeout' } as const;
  tell({ kind: 'read', accountId: account.accountId, fault });
};

describe('an account', () => {
  it('is ready with a session and a broker that answers', async () => {
    const now = clock.now();
    expect(await look()).toMatchObject({
      word: 'ready',
      apiConnected: true,
      lastReadAt: now,
      sessionNeeded: true,
      sessionActive: true,
      sessionExpiresAt: now + 8 * HOUR,
      autoLogin: { enabled: false },
      lastError: null,
    });
    expect(published).toEqual([]);
  });

  it('is ready without a session where none is needed', async () => {
    open = () => Promise.resolve({ client: { session: {} } });
    [token, session] = [null, null];
    expect(await look()).toMatchObject({
      word: 'ready',
      sessionNeeded: false,
      sessionActive: true,
      sessionExpiresAt: null,
      autoLogin: { enabled: false, reason: 'the broker wants no login' },
    });
  });

  it('is stopped while its entries are', async () => {
    expect((await look({ stoppedReason: 'holiday' })).word).toBe('stopped');
  });

  it.each([
    [89_999, 'ready', true],
    [90_000, 'not_connected', false],
  ])('counts as connected %d ms after a read: %s', async (ms, word, apiConnected) => {
    clock.skip(ms);
    expect(await look()).toMatchObject({ word, apiConnected });
  });

  it('counts as connected for longer where the books are read less often', async () => {
    bookPace = { soonMs: 3_000, pollMs: 20_000, idleMs: 120_000, positionsMs: 30_000 };
    clock.skip(179_999);
    expect((await look()).apiConnected).toBe(true);
    clock.skip(1);
    expect((await look()).apiConnected).toBe(false);
  });

  it('is not connected from a failed read until the next good one, and says why', async () => {
    const readAt = clock.now();
    clock.skip(5_000);
    readFails();
    expect(await look()).toMatchObject({
      word: 'not_connected',
      apiConnected: false,
      lastReadAt: readAt,
      lastError: { code: 'TIMEOUT', message: 'GET /orders: timeout', fix: expect.any(String) },
    });
    tell({ kind: 'read', accountId: account.accountId, fault: null });
    expect(await look()).toMatchObject({ word: 'ready', lastError: null });
  });

  it('asks for a read, now and then, while this process has heard of none', async () => {
    tell({ kind: 'read', accountId: accountId('other'), fault: null });
    const quietAccount = { accountId: accountId('quiet') };
    expect((await look(quietAccount)).word).toBe('not_connected');
    expect(published).toEqual([{ kind: 'hint', accountId: 'quiet' }]);
  });

  it.each<[string, Partial<SessionFacts> | null, string]>([
    ['was never logged in', null, 'it was not logged in yet'],
    [
      'was ended by the broker',
      { died: { at: epochMs(Date.UTC(2026, 0, 8, 3, 0, 0)), words: 'Invalid openalgo apikey' } },
      'the broker ended it at 08-Jan-2026 08:30:00 IST, saying “wrong key”',
    ],
    [
      'expired at midnight',
      { expiresAt: epochMs(Date.UTC(2026, 0, 7, 18, 30, 0)) },
      'it expired at 08-Jan-2026 00:00:00 IST',
    ],
    ['does not open', { unreadable: true }, 'does not open under the master key in use'],
  ])('whose session %s is told so, with the fix', async (_how, changes, words) => {
    token = null;
    session = changes === null || session === null ? null : { ...session, ...changes };
    const one = await look();
    expect(one).toMatchObject({
      word: 'no_session',
      sessionActive: false,
      sessionExpiresAt: null,
      lastError: { code: 'NO_SESSION', fix: 'Log it in: npm run toran -- login main --paste' },
    });
    expect(one.lastError?.message).toContain(words);
    expect(one.lastError?.message).not.toMatch(/invalid openalgo apikey/i);
  });

  it('tells of missing credentials before anything else', async () => {
    open = () => Promise.reject(new TypeError('no credentials'));
    [token, session] = [null, null];
    missing = ['apiKey'];
    expect(await look()).toMatchObject({
      word: 'no_credentials',
      sessionActive: false,
      lastError: {
        message: 'Credentials are missing: apiKey.',
        fix: 'Enter them: npm run toran -- accounts credentials main',
      },
    });
  });

  it('cannot be used while its client cannot be made', async () => {
    open = () => Promise.reject(new GatewayError('SECRET_UNREADABLE', 'apiSecret: does not open'));
    expect((await look()).lastError).toMatchObject({
      code: 'NO_SESSION',
      message: expect.stringContaining('cannot be used: apiSecret: does not open'),
    });
    // A store that is away is no lack of a session.
    open = () => Promise.reject(new GatewayError('STORE_UNAVAILABLE', 'locked'));
    expect((await look()).lastError?.code).toBe('STORE_UNAVAILABLE');
  });

  it('shows a failed login until one that works began later', async () => {
    loginFault = { at: clock.now(), code: 'LOGIN_FAILED', message: 'The broker says: no.' };
    expect((await look()).lastError).toMatchObject({ code: 'LOGIN_FAILED' });
    if (session !== null) session = { ...session, startedAt: epochMs(clock.now() + 1) };
    expect((await look()).lastError).toBeNull();
  });

  it('has the outgoing address that was configured, else the reason why not', async () => {
    expect((await look()).outgoingAddress).toMatchObject({
      address: null,
      reason: expect.stringContaining('TORAN_OUTGOING_ADDRESS'),
    });
    outgoingAddress = '203.0.113.7';
    expect((await look()).outgoingAddress).toEqual({ address: '203.0.113.7', reason: null });
  });
});
