import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { IciciOrderStream, socketAuth } from '../../../src/brokers/icici/order-stream';
import type { OrderHint } from '../../../src/core/ports/broker';
import { SocketIoClient } from '../../../src/infra/socket-io';
import { FakeClock } from '../../fakes/fake-clock';
import { SeededRandom } from '../../fakes/seeded-random';
import { quiet } from '../../support/gateway-redis';
import { CALL } from '../../support/icici-answers';
import { derivativeMessage, equityMessage } from '../../support/icici-order-messages';
import { SocketIoBench } from '../../support/socket-io-server';
import { until } from '../../support/until';

const LOOK = { brokerOrderId: null, clientTag: null };
const hintOf = (id: string): object => ({ brokerOrderId: id, clientTag: null });
const tokenOf = (socketToken: string): string =>
  Buffer.from(`AB123456:${socketToken}`).toString('base64');

let bench: SocketIoBench;
let clock: FakeClock;
let hints: OrderHint[];
let token: string | null;
let stream: IciciOrderStream | null;
beforeEach(async () => {
  bench = await SocketIoBench.start();
  clock = new FakeClock();
  hints = [];
  token = tokenOf('secret-token');
  stream = null;
});
afterEach(async () => {
  await stream?.close();
  await bench.close();
});

const open = async (context = CALL): Promise<void> => {
  stream = await IciciOrderStream.open(
    {
      url: bench.url,
      socketIo: new SocketIoClient(),
      clock,
      random: new SeededRandom(1),
      logger: quiet,
      token: () => Promise.resolve(token),
    },
    (hint) => hints.push(hint),
    context,
  );
};
const heard = (count: number): Promise<void> => until(() => hints.length >= count, 3_000);
/** Lets the back-off of a reconnect pass until `done`. */
const passTime = (done: () => boolean): Promise<void> =>
  until(async () => {
    await clock.advance(500);
    return done();
  }, 5_000);

describe('the order stream', () => {
  it('logs on with the two halves of the session token, and hints at the order of each message', async () => {
    await open();
    expect(bench.handshakes[0]).toMatchObject({
      auth: { user: 'AB123456', token: 'secret-token' },
      transport: 'websocket',
    });
    bench.emit('order', equityMessage());
    bench.emit('order', derivativeMessage());
    await heard(2);
    expect(hints).toEqual([hintOf('20261116N300004321'), hintOf('202611161400004321')]);
  });

  it('hears no prices and no strategies, and looks at the book for a message that it cannot read', async () => {
    await open();
    bench.emit('stock', ['4.1!2885', 1]);
    bench.emit(
      'order',
      Array.from({ length: 28 }, () => 'strategy'),
    );
    bench.emit('order', equityMessage({ 20: 'Z' }));
    bench.emit('order');
    await heard(2);
    expect(hints).toEqual([LOOK, LOOK]);
  });

  it('drops what comes again within ten seconds, and not what has changed', async () => {
    await open();
    bench.emit('order', equityMessage());
    bench.emit('order', equityMessage());
    bench.emit('order', equityMessage({ 20: 'E' }));
    bench.emit('order', equityMessage());
    bench.emit('order', derivativeMessage());
    await heard(3);
    expect(hints.map((hint) => hint.brokerOrderId)).toEqual([
      '20261116N300004321',
      '20261116N300004321',
      '202611161400004321',
    ]);
    await clock.advance(10_000);
    bench.emit('order', equityMessage());
    await heard(4);
  });

  it('comes back after a break, and looks at everything because messages were lost', async () => {
    await open();
    bench.drop();
    await until(() => bench.connected === 0, 3_000);
    bench.emit('order', equityMessage());
    // Nothing before the back-off has passed: a broker that goes down is not stormed.
    await clock.advance(900);
    expect(bench.handshakes).toHaveLength(1);
    await passTime(() => hints.length > 0);
    expect(hints).toEqual([LOOK]);
    expect(bench.handshakes).toHaveLength(2);
    bench.emit('order', derivativeMessage());
    await heard(2);
    expect(hints[1]).toEqual(hintOf('202611161400004321'));
  });

  it('keeps trying while the server refuses it, more seldom each time, and takes the session of then', async () => {
    await open();
    bench.token = 'tomorrow';
    bench.drop();
    await until(() => bench.connected === 0, 3_000);
    const before = bench.refused;
    await passTime(() => bench.refused >= before + 3);
    const waited = clock.now();
    await passTime(() => bench.refused >= before + 4);
    expect(clock.now() - waited).toBeGreaterThanOrEqual(8_000);
    token = tokenOf('tomorrow');
    await passTime(() => bench.connected === 1);
    await heard(1);
    expect(hints).toEqual([LOOK]);
  });

  it('waits without knocking while there is no session', async () => {
    await open();
    token = null;
    bench.drop();
    await until(() => bench.connected === 0, 3_000);
    await clock.advance(120_000);
    expect(bench.handshakes).toHaveLength(1);
    token = tokenOf('secret-token');
    await passTime(() => bench.connected === 1);
  });

  it('goes over to a new session while the old connection still stands', async () => {
    await open();
    bench.token = 'tomorrow';
    token = tokenOf('tomorrow');
    await passTime(() => bench.handshakes.length === 2);
    await heard(1);
    expect(bench.handshakes[1]?.auth).toEqual({ user: 'AB123456', token: 'tomorrow' });
    await until(() => bench.connected === 1, 3_000);
    expect(hints).toEqual([LOOK]);
  });

  it('outlives the call that opened it, and ends when it is closed', async () => {
    const attempt = new AbortController();
    await open({ ...CALL, signal: attempt.signal });
    attempt.abort();
    bench.emit('order', equityMessage());
    await heard(1);
    await stream?.close();
    await until(() => bench.connected === 0, 3_000);
    await clock.advance(300_000);
    expect([bench.handshakes.length, clock.pending]).toEqual([1, 0]);
  });

  it('is not opened without a session, or with a token that is none, which is not repeated', async () => {
    token = null;
    await expect(open()).rejects.toMatchObject({ code: 'NO_SESSION' });
    for (const wrong of ['c2VjcmV0', Buffer.from(':x').toString('base64'), '']) {
      expect(() => socketAuth(wrong)).toThrow('the session token has not the form');
      expect(() => socketAuth(wrong)).not.toThrow(/c2VjcmV0|secret/);
    }
    expect(socketAuth(Buffer.from('AB:12:34').toString('base64'))).toEqual({
      user: 'AB',
      token: '12:34',
    });
  });
});
