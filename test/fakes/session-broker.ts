import { z } from 'zod';
import { GatewayError } from '../../src/core/domain/errors';
import { brokerId, brokerOrderId, epochMs } from '../../src/core/domain/ids';
import type { AccountId } from '../../src/core/domain/ids';
import type {
  BrokerClient,
  BrokerModule,
  BrokerPorts,
  CommandOutcome,
  OrderReport,
  SessionGrant,
} from '../../src/core/ports/broker';

const CODE = /(?:^|[?&]code=)([A-Za-z]{2}\d{4})-(\d{6})$/;
/** The digits that the broker refuses, and those over which its adapter stumbles. */
export const WRONG_CODE = '604417';
export const FAULT_CODE = '739152';
const NO_SESSION: CommandOutcome = { kind: 'not-sent', why: 'no-session' };

/**
 * A broker inside the test that wants a login each day. A login leaves `<login id>-<six digits>`, alone
 * or as `code` of an address; each gives the token `tok-<six digits>`.
 */
export class SessionBroker {
  /** Tokens that the broker takes. */
  readonly live = new Set<string>();
  readonly orders: OrderReport[] = [];
  /** Every call that reached the broker: its name and token. */
  readonly calls: string[] = [];
  /** Tokens of the order streams that are open. */
  readonly streams: string[] = [];
  /** How long a session lasts. */
  sessionMs = 8 * 3_600_000;
  /** Set: every login waits for it. */
  hold: Promise<void> = Promise.resolve();
  /** The call at which the broker ends every session. */
  endsOn: string | null = null;
  /** Set: every read of the books fails with it. */
  readFault: Error | null = null;

  /** `liveSwitch`: new orders need the owner's word to leave practice. */
  module(id: string, liveSwitch = false): BrokerModule {
    return {
      id: brokerId(id),
      title: 'Session broker',
      capabilities: {
        orderTypes: {
          MARKET: 'native',
          LIMIT: 'native',
          STOP_LIMIT: 'native',
          STOP_MARKET: 'native',
        },
        products: ['DELIVERY', 'INTRADAY', 'CARRY_FORWARD'],
        timesInForce: ['DAY', 'IOC'],
        canModify: true,
        clientTag: { maxLength: 20, allowed: /^[A-Za-z0-9-]+$/, echo: 'always' },
        commandTimeoutMs: 2_000,
        simulated: true,
        liveSwitch,
      },
      rateRules: [
        {
          name: 'second',
          scope: 'account',
          classes: ['order', 'query'],
          limit: 50,
          entryLimit: 40,
          windowMs: 1_000,
          resets: 'rolling',
          source: 'made up',
        },
      ],
      credentials: z.unknown(),
      create: (account, _credentials, ports) => this.client(account, ports),
    };
  }

  client(account: AccountId, ports: BrokerPorts): BrokerClient {
    /** The token, once the broker took it; null with its end told when it did not. */
    const take = async (name: string): Promise<string | null> => {
      const token = await ports.tokens.current(account);
      if (token === null) return null;
      this.calls.push(`${name} ${token}`);
      if (name === this.endsOn) this.live.clear();
      if (this.live.has(token)) return token;
      ports.tokens.died(account, token, 'Session is not valid');
      return null;
    };
    const command = async (name: string, work: () => string): Promise<CommandOutcome> =>
      (await take(name)) === null
        ? NO_SESSION
        : { kind: 'accepted', brokerOrderId: brokerOrderId(work()) };
    const read = async <T>(name: string, rows: () => readonly T[]): Promise<readonly T[]> => {
      if ((await take(name)) === null) throw new GatewayError('SESSION_EXPIRED', `${name}: dead`);
      if (this.readFault !== null) throw this.readFault;
      return rows();
    };
    const never = (): Promise<never> => Promise.reject(new Error('not asked here'));
    const set = (id: string, change: Partial<OrderReport>): string => {
      const index = this.orders.findIndex((row) => row.brokerOrderId === id);
      const row = this.orders[index];
      if (row !== undefined) this.orders[index] = { ...row, ...change };
      return id;
    };
    return {
      session: {
        probe: async () => ((await take('probe')) === null ? 'expired' : 'live'),
        login: {
          url: () => `https://broker.example/login?app=app-${account}`,
          exchange: async (pasted) => this.#login(pasted, ports),
        },
      },
      execution: {
        place: ({ terms, clientTag }) =>
          command('place', () => {
            const id = `S${String(this.orders.length + 1)}`;
            this.orders.push({
              brokerOrderId: brokerOrderId(id),
              exchangeOrderId: null,
              clientTag,
              terms,
              status: 'open',
              filledQuantity: 0,
              averagePrice: null,
              message: null,
              placedAt: ports.clock.now(),
            });
            return id;
          }),
        modify: ({ brokerOrderId: id, terms, change }) =>
          command('modify', () => set(id, { terms: { ...terms, ...change } })),
        cancel: ({ brokerOrderId: id }) => command('cancel', () => set(id, { status: 'canceled' })),
      },
      reports: {
        orders: () => read('orders', () => [...this.orders]),
        fills: () => read('fills', () => []),
        positions: () => read('positions', () => []),
        holdings: never,
        funds: never,
      },
      orderUpdates: {
        open: async () => {
          const token = await take('stream');
          if (token === null) throw new GatewayError('NO_SESSION', 'no stream without a session');
          this.streams.push(token);
          return {
            close: () => {
              this.streams.splice(this.streams.indexOf(token), 1);
              return Promise.resolve();
            },
          };
        },
      },
      close: () => Promise.resolve(),
    };
  }

  /** How often the broker was asked `name`. */
  count(name: string): number {
    return this.calls.filter((call) => call.startsWith(`${name} `)).length;
  }

  async #login(pasted: string, ports: BrokerPorts): Promise<SessionGrant> {
    const [, identity, digits] = CODE.exec(pasted) ?? [];
    this.calls.push('login -');
    await this.hold;
    if (identity === undefined || digits === undefined) {
      throw new GatewayError('VALIDATION', `code: ${pasted} is no code`, { field: 'code' });
    }
    if (digits === WRONG_CODE) {
      const cause = new Error(pasted);
      throw new GatewayError('LOGIN_FAILED', `The broker says: ${pasted} is wrong`, { cause });
    }
    if (digits === FAULT_CODE) throw new TypeError(`cannot read ${pasted}`);
    const token = `tok-${digits}`;
    this.endsOn = null;
    this.live.add(token);
    return { token, identity, expiresAt: epochMs(ports.clock.now() + this.sessionMs) };
  }
}
