import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Account } from '../../src/core/domain/account';
import { GatewayError } from '../../src/core/domain/errors';
import { accountId, brokerId, epochMs } from '../../src/core/domain/ids';
import type { LoginFlow, SessionGrant } from '../../src/core/ports/broker';
import type { BusMessage } from '../../src/core/ports/bus';
import type { Accounts } from '../../src/core/sessions/accounts';
import { createLogins } from '../../src/core/sessions/logins';
import type { CredentialState } from '../../src/core/sessions/credentials';
import type { Logins } from '../../src/core/sessions/logins';
import { secretsIn, withoutSecrets } from '../../src/core/sessions/pasted';
import { FakeClock } from '../fakes/fake-clock';
import { quiet } from '../support/gateway-redis';

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
let grant: Partial<SessionGrant>;
let flow: LoginFlow | undefined;
let credentials: CredentialState;
let leaseHeld: () => Promise<boolean>;
let kept: SessionGrant[];
let alarms: string[];
let said: BusMessage[];
let asked: string[];
let logins: Logins;

beforeEach(() => {
  clock = new FakeClock();
  grant = {};
  credentials = { complete: true, missing: [] };
  leaseHeld = () => Promise.resolve(true);
  [kept, alarms, said, asked] = [[], [], [], []];
  flow = {
    url: () => 'https://broker.example/login',
    exchange: (pasted) => {
      asked.push(pasted);
      const expiresAt = epochMs(clock.now() + 8 * HOUR);
      return Promise.resolve({ token: 'tok', identity: 'AB123456', expiresAt, ...grant });
    },
  };
  logins = createLogins({
    // The two calls that a login makes; the cast stands for the rest.
    accounts: {
      module: () => ({ title: 'Fake broker' }),
      open: () =>
        Promise.resolve({ client: { session: flow === undefined ? {} : { login: flow } } }),
    } as unknown as Accounts,
    tokens: {
      put: (_account, one) => {
        kept.push(one);
        return Promise.resolve();
      },
    },
    credentials: () => Promise.resolve(credentials),
    leases: { hold: () => leaseHeld(), release: () => Promise.resolve() },
    bus: { publish: (message) => said.push(message), subscribe: () => () => undefined },
    clock,
    logger: quiet,
    metrics: { alarm: (_account, name) => alarms.push(name) },
  });
});

const paste = (pasted = '55512345'): Promise<unknown> =>
  logins.paste(account, pasted, 'c-1').then(
    (expiresAt) => expiresAt,
    (error: unknown) => error,
  );

describe('a pasted login', () => {
  it.each(['AB123456', ' ab123456\n'])('is kept when the broker names %j', async (identity) => {
    grant = { identity };
    expect(await paste('  55512345 \n')).toBe(clock.now() + 8 * HOUR);
    expect(asked).toEqual(['55512345']);
    expect(kept).toMatchObject([{ token: 'tok', identity }]);
    expect([alarms, logins.lastFault(account.accountId)]).toEqual([[], null]);
  });

  it.each(['AB123457', 'AB12345', 'XY99', '', '  ', 'AB123456 AB123456'])(
    'is refused with an alarm when the broker names %j',
    async (identity) => {
      grant = { identity };
      expect(await paste()).toMatchObject({
        code: 'LOGIN_FAILED',
        message: expect.stringContaining('not to AB123456'),
      });
      expect([kept, alarms]).toEqual([[], ['login-identity']]);
      expect(said).toMatchObject([{ kind: 'alarm', name: 'login-identity' }]);
      expect(logins.lastFault(account.accountId)).toMatchObject({
        at: clock.now(),
        code: 'LOGIN_FAILED',
      });
    },
  );

  it('does not tell the whole of somebody else’s login id', async () => {
    grant = { identity: 'XY987654' };
    const { message } = (await paste()) as GatewayError;
    expect(message).toContain('XY…54');
    expect(message).not.toContain('XY987654');
  });

  it.each([
    ['has expired', 0],
    ['has expired', -1],
    ['cannot be true', 48 * HOUR + 1],
    ['cannot be true', NaN],
    ['cannot be true', Infinity],
  ])('is refused when its end %s (%d ms from now)', async (words, fromNow) => {
    grant = { expiresAt: epochMs(clock.now() + fromNow) };
    expect(await paste()).toMatchObject({
      code: 'LOGIN_FAILED',
      message: expect.stringContaining(words),
    });
    expect(kept).toEqual([]);
  });

  it.each([1, 48 * HOUR])('is kept when it ends %d ms from now', async (fromNow) => {
    grant = { expiresAt: epochMs(clock.now() + fromNow) };
    expect(await paste()).toBe(clock.now() + fromNow);
  });

  it('is refused without a token', async () => {
    grant = { token: ' ' };
    expect(await paste()).toMatchObject({ code: 'LOGIN_FAILED' });
    expect(kept).toEqual([]);
  });

  it('needs the credentials first, and names those that are missing', async () => {
    credentials = { complete: false, missing: ['apiKey', 'apiSecret'] };
    expect(await paste()).toMatchObject({
      code: 'LOGIN_FAILED',
      message: expect.stringContaining('apiKey, apiSecret'),
    });
    await expect(logins.url(account)).rejects.toMatchObject({ code: 'LOGIN_FAILED' });
    expect(asked).toEqual([]);
  });

  it('is not for a broker without a login, nor for a practice twin', async () => {
    const twin = { ...account, twinOf: accountId('other') };
    await expect(logins.url(twin)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    flow = undefined;
    expect(await paste()).toMatchObject({
      code: 'UNSUPPORTED',
      message: 'Fake broker needs no login: it is always in.',
    });
    expect(logins.lastFault(account.accountId)).toBeNull();
  });

  it('waits for no lease while Redis is away, and gives way to one that is held', async () => {
    leaseHeld = () => Promise.reject(new Error('away'));
    expect(await paste()).toBe(clock.now() + 8 * HOUR);
    leaseHeld = () => Promise.resolve(false);
    expect(await paste()).toMatchObject({ code: 'LOGIN_UNDER_WAY' });
    expect(asked).toHaveLength(1);
  });

  it('forgets the last fault with a login that worked', async () => {
    grant = { identity: 'nobody' };
    await paste();
    grant = {};
    await paste();
    expect(logins.lastFault(account.accountId)).toBeNull();
  });
});

describe('what was pasted', () => {
  const ADDRESS = 'http://127.0.0.1:5000/icici/callback?a=b&apisession=55512345#token=x%2Fyz+1';
  it.each([
    ['55512345', '55512345'],
    [ADDRESS, '55512345'],
    [ADDRESS, ADDRESS],
    [ADDRESS, 'x/yz 1'],
  ])('%j does not come back in a message that holds %j', async (pasted, part) => {
    flow = {
      url: () => '',
      exchange: () =>
        Promise.reject(
          new GatewayError('LOGIN_FAILED', `The broker says: ${part} is no session`, {
            cause: new Error(part),
            field: part,
          }),
        ),
    };
    const fault = (await paste(pasted)) as GatewayError;
    expect(fault).toMatchObject({
      code: 'LOGIN_FAILED',
      message: 'The broker says: … is no session',
      field: 'pasted',
    });
    expect(fault.cause).toBeUndefined();
    expect(logins.lastFault(account.accountId)?.message).toBe(fault.message);
  });

  it('does not come back from a fault in the adapter either', async () => {
    flow = { url: () => '', exchange: (pasted) => Promise.reject(new TypeError(pasted)) };
    const fault = (await paste()) as GatewayError;
    expect(fault).toMatchObject({ code: 'LOGIN_FAILED' });
    expect(`${fault.message}${fault.stack ?? ''}${String(fault.cause)}`).not.toContain('55512345');
  });

  it('is not at fault when a stored secret does not open, and that is told', async () => {
    const unreadable = new GatewayError('SECRET_UNREADABLE', 'apiSecret does not open');
    flow = { url: () => '', exchange: () => Promise.reject(unreadable) };
    expect(await paste()).toMatchObject({
      code: 'LOGIN_FAILED',
      message: 'apiSecret does not open',
    });
  });

  it('has its words left alone', () => {
    const secrets = secretsIn('https://x.example/cb?ok=1&code=abcd');
    expect(withoutSecrets('ok: abcd is no code of x.example', secrets)).toBe(
      'ok: … is no code of x.example',
    );
  });
});
