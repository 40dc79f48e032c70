import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { io } from 'socket.io-client';
import type { Socket } from 'socket.io-client';
import { SAMPLE_USER, startIciciSimulator } from '../../src/simulators/icici/simulator';
import type { IciciSimulator } from '../../src/simulators/icici/simulator';
import type { IciciUser } from '../../src/simulators/icici/sessions';
import { IciciCaller } from '../support/icici-calls';
import { until } from '../support/until';

const OTHER: IciciUser = {
  ...SAMPLE_USER,
  userId: 'CD654321',
  apps: [{ appKey: 'other-key', secretKey: 'other', redirectUrl: 'http://127.0.0.1/other' }],
};

describe('order notifications of the Breeze simulator', () => {
  let simulator: IciciSimulator;
  let caller: IciciCaller;
  let sockets: Socket[] = [];
  beforeEach(async () => {
    simulator = await startIciciSimulator({ limits: [], users: [SAMPLE_USER, OTHER] });
    caller = await IciciCaller.open(simulator);
  });
  afterEach(async () => {
    for (const socket of sockets) socket.disconnect();
    sockets = [];
    await simulator.close();
  });

  const connect = (auth: { user: string; token: string }): { socket: Socket; got: unknown[] } => {
    const got: unknown[] = [];
    const socket = io(simulator.feedsUrl, {
      auth,
      transports: ['websocket'],
      forceNew: true,
      reconnectionDelay: 20,
      reconnectionDelayMax: 40,
    });
    socket.on('order', (message: unknown) => got.push(message));
    sockets.push(socket);
    return { socket, got };
  };
  const authOf = (token: string): { user: string; token: string } => {
    const [user = '', secret = ''] = Buffer.from(token, 'base64').toString().split(':');
    return { user, token: secret };
  };
  const open = async (token = caller.token): Promise<{ socket: Socket; got: unknown[] }> => {
    const before = simulator.feed.listeners;
    const opened = connect(authOf(token));
    await until(() => simulator.feed.listeners > before, 3_000);
    return opened;
  };
  const places = (message: unknown, ...wanted: number[]): unknown[] =>
    wanted.map((place) => (message as unknown[])[place]); // The messages are arrays.

  it('tells each step of a cash order, in text, at the places of the documents', async () => {
    const { got } = await open();
    const id = await caller.place({ price: '1001' });
    await until(() => got.length === 3, 3_000);
    expect(got.map((message) => places(message, 11, 20, 23, 26))).toEqual([
      ['4', 'R', id, '0'],
      ['4', 'O', id, '0'],
      ['5', 'E', id, '10'],
    ]);
    for (const message of got as unknown[][]) {
      expect(message.length).toBeGreaterThanOrEqual(47);
      expect(message.every((element) => typeof element === 'string')).toBe(true);
      expect(places(message, 2, 14, 15, 16, 17, 19)).toEqual([
        ...['AB123456', 'STABAN', 'B', 'L', 'T', 'C'],
      ]);
      expect(message[7]).toMatch(/^\d{2}-\d{2}-\d{4}$/);
    }
  });

  it('tells of a contract with prices in paise', async () => {
    const { got } = await open();
    const one = simulator.instruments.find(
      (candidate) => candidate.stockCode === 'NIFTY' && candidate.kind === 'option',
    );
    await caller.success('POST', 'order', {
      ...{ stock_code: 'NIFTY', exchange_code: 'NFO', product: 'options', action: 'buy' },
      ...{ order_type: 'limit', quantity: '65', price: '3.05', validity: 'day' },
      ...{ expiry_date: `${one?.expiry ?? ''}T06:00:00.000Z`, strike_price: one?.strike },
      right: one?.right === 'CE' ? 'call' : 'put',
    });
    await until(() => got.length === 2, 3_000);
    expect(places(got[1], 11, 15, 18, 24, 25, 27)).toEqual([
      ...['6', 'O', String(Number(one?.strike) * 100), '305', 'O', '65'],
    ]);
  });

  it('lets in live sessions alone, and tells each user of his own orders', async () => {
    const reasons: string[] = [];
    const bad = connect({ user: 'AB123456', token: '1' });
    bad.socket.on('connect_error', (fault) => reasons.push(fault.message));
    await until(() => reasons.length > 0, 3_000);
    expect(simulator.feed.opened).toBe(0);
    bad.socket.disconnect();
    const other = await open(simulator.sessions.login('other-key').token);
    const own = await open();
    await caller.place();
    await until(() => own.got.length === 2, 3_000);
    expect(other.got).toEqual([]);
  });

  it('drops, doubles, delays and reorders messages when told', async () => {
    const { got } = await open();
    const statuses = (): unknown[] => got.map((message) => (message as unknown[])[20]); // Arrays.
    simulator.plan.next('update', { kind: 'update', how: 'drop', delayMs: 0 });
    await caller.place();
    await until(() => got.length === 1, 3_000);
    expect(statuses()).toEqual(['O']);
    simulator.plan.next('update', { kind: 'update', how: 'duplicate', delayMs: 0 });
    await caller.place();
    await until(() => got.length === 4, 3_000);
    expect(statuses().slice(1)).toEqual(['R', 'R', 'O']);
    simulator.plan.next('update', { kind: 'update', how: 'reorder', delayMs: 0 });
    await caller.place();
    await until(() => got.length === 6, 3_000);
    expect(statuses().slice(4)).toEqual(['O', 'R']);
    simulator.plan.next('update', { kind: 'update', how: 'late', delayMs: 60 });
    await caller.place();
    await until(() => got.length === 8, 3_000);
    expect(statuses().slice(6)).toEqual(['O', 'R']);
    simulator.plan.next('update', { kind: 'update', how: 'drop', delayMs: 0 }, null);
    await caller.place();
    simulator.plan.clear();
    await caller.place();
    await until(() => got.length === 10, 3_000);
    expect(statuses().slice(8)).toEqual(['R', 'O']);
  });

  it('repeats what an order was before, and ends messages in control characters, when told', async () => {
    await simulator.close();
    simulator = await startIciciSimulator({ messages: { controlCharacters: true } });
    caller = await IciciCaller.open(simulator);
    const { got } = await open();
    const id = await caller.place();
    await until(() => got.length === 2, 3_000);
    simulator.plan.next('update', { kind: 'update', how: 'stale-partial', delayMs: 20 });
    await caller.success('DELETE', 'order', { exchange_code: 'NSE', order_id: id });
    await until(() => got.length === 4, 3_000);
    expect(got.map((message) => (message as unknown[])[20])).toEqual(['R', 'O', 'C', 'O']); // Arrays.
    expect((got[0] as unknown[]).at(-1)).toBe('\u0001\u0003'); // An array.
  });

  it('tells of an order before its placement is answered', async () => {
    const { got } = await open();
    simulator.plan.next('place', { kind: 'update', how: 'before-answer', delayMs: 200 });
    let answered = false;
    const placing = caller.place().then(() => {
      answered = true;
    });
    await until(() => got.length > 0, 3_000);
    expect(answered).toBe(false);
    await placing;
  });

  it('breaks connections, turns new ones away, and takes them again', async () => {
    const { socket, got } = await open();
    let refused = 0;
    socket.on('connect_error', () => (refused += 1));
    simulator.feed.refuse(true);
    simulator.feed.drop();
    await until(() => refused === 1, 3_000);
    await caller.place();
    expect(got).toEqual([]);
    simulator.feed.refuse(false);
    // After a refusal by the server the client waits to be told to connect again.
    const again = await open();
    simulator.feed.drop();
    await until(() => simulator.feed.opened === 3, 3_000);
    await caller.place();
    await until(() => again.got.length === 2, 3_000);
    simulator.feed.sendRaw(['what', 'is', 'this']);
    await until(() => again.got.length === 3, 3_000);
  });
});
