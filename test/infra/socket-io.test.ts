import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { SocketIoRequest } from '../../src/core/ports/socket-io';
import { SocketIoClient } from '../../src/infra/socket-io';
import { SocketIoBench } from '../support/socket-io-server';
import { until } from '../support/until';

describe('SocketIoClient', () => {
  let bench: SocketIoBench;
  let controller: AbortController;
  let events: unknown[];
  let closes: string[];
  beforeEach(async () => {
    bench = await SocketIoBench.start();
    controller = new AbortController();
    events = [];
    closes = [];
  });
  afterEach(async () => {
    await bench.close();
  });

  const open = (changes: Partial<SocketIoRequest> = {}): ReturnType<SocketIoClient['open']> =>
    new SocketIoClient().open(
      {
        url: bench.url,
        path: '/socket.io/',
        auth: { user: 'AB123456', token: 'secret-token' },
        headers: { 'User-Agent': 'node-socketio[client]/socket' },
        signal: controller.signal,
        timeoutMs: 2_000,
        ...changes,
      },
      {
        onEvent: (name, args) => events.push([name, ...args]),
        onClose: (reason) => closes.push(reason),
      },
    );

  it('sends its auth with the handshake, by WebSocket alone, and hands events over', async () => {
    const connection = await open();
    expect(bench.handshakes).toEqual([
      {
        auth: { user: 'AB123456', token: 'secret-token' },
        transport: 'websocket',
        agent: 'node-socketio[client]/socket',
      },
    ]);
    bench.emit('order', ['a', '₹', null]);
    await until(() => events.length === 1, 2_000);
    expect(events).toEqual([['order', ['a', '₹', null]]]);
    await connection.close();
    await until(() => bench.connected === 0, 2_000);
  });

  it('tells once that it was closed, whoever closed it, and does not come back by itself', async () => {
    await open();
    bench.drop();
    await until(() => closes.length === 1, 2_000);
    const own = await open();
    await own.close();
    await own.close();
    expect(closes).toHaveLength(2);
    await until(() => bench.connected === 0, 2_000);
    expect(bench.handshakes).toHaveLength(2);
  });

  it('ends an open connection when the signal aborts, and opens none for an aborted one', async () => {
    await open();
    controller.abort();
    await until(() => closes.length === 1 && bench.connected === 0, 2_000);
    await expect(open()).rejects.toMatchObject({ code: 'CONNECT' });
    expect(bench.handshakes).toHaveLength(1);
  });

  it('calls a refused handshake SESSION_EXPIRED, without repeating the token', async () => {
    const refused = open({ auth: { user: 'AB123456', token: 'old-token' } });
    await expect(refused).rejects.toMatchObject({ code: 'SESSION_EXPIRED' });
    await expect(refused).rejects.not.toThrow('old-token');
    expect(closes).toEqual([]);
    await until(() => bench.transports === 0, 2_000);
  });

  it('calls a server that is not there CONNECT', async () => {
    await expect(open({ url: 'http://127.0.0.1:1' })).rejects.toMatchObject({ code: 'CONNECT' });
  });

  describe('against a silent server', () => {
    let silent: Server;
    let url: string;
    beforeEach(async () => {
      silent = createServer((socket) => {
        socket.on('error', () => undefined);
        socket.resume();
      });
      await new Promise<void>((resolve) => {
        silent.listen(0, '127.0.0.1', resolve);
      });
      url = `http://127.0.0.1:${String((silent.address() as AddressInfo).port)}`;
    });
    afterEach(async () => {
      await new Promise((resolve) => silent.close(resolve));
    });

    it('gives up with TIMEOUT', async () => {
      await expect(open({ url, timeoutMs: 60 })).rejects.toMatchObject({ code: 'TIMEOUT' });
    });

    it('gives up when the signal aborts', async () => {
      const opening = open({ url });
      controller.abort();
      await expect(opening).rejects.toMatchObject({ code: 'CONNECT' });
    });
  });
});
