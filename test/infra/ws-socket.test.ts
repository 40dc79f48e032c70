import type { AddressInfo, Server } from 'node:net';
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { SocketRequest } from '../../src/core/ports/socket';
import { WsSocket } from '../../src/infra/ws-socket';
import { startNeutralSimulator } from '../../src/simulators/neutral/simulator';
import type { NeutralSimulator } from '../../src/simulators/neutral/simulator';
import { until } from '../support/until';

describe('WsSocket', () => {
  let simulator: NeutralSimulator;
  let controller: AbortController;
  let messages: string[];
  let closes: string[];
  beforeEach(async () => {
    simulator = await startNeutralSimulator();
    controller = new AbortController();
    messages = [];
    closes = [];
  });
  afterEach(async () => {
    await simulator.close();
  });

  const ask = (changes: Partial<SocketRequest> = {}): SocketRequest => ({
    url: `${simulator.url.replace('http', 'ws')}/updates`,
    headers: { authorization: `Bearer ${simulator.token}` },
    signal: controller.signal,
    timeoutMs: 2_000,
    ...changes,
  });
  const open = (changes: Partial<SocketRequest> = {}): ReturnType<WsSocket['open']> =>
    new WsSocket().open(ask(changes), {
      onMessage: (data) => messages.push(String(data)),
      onClose: (reason) => closes.push(reason),
    });

  it('hands messages over as text', async () => {
    const connection = await open();
    simulator.feed.sendRaw('{"a":"₹"}');
    await until(() => messages.length === 1, 2_000);
    expect(messages).toEqual(['{"a":"₹"}']);
    await connection.close();
  });

  it('tells once that it was closed, whoever closed it', async () => {
    await open();
    simulator.feed.drop();
    await until(() => closes.length === 1, 2_000);
    const own = await open();
    await own.close();
    await own.close();
    expect(closes).toHaveLength(2);
    expect(own.send('late')).toBe(false);
  });

  it('ends an open connection when the signal aborts', async () => {
    await open();
    controller.abort();
    await until(() => closes.length === 1 && simulator.feed.listeners === 0, 2_000);
  });

  it('does not connect for a signal that was already aborted', async () => {
    const aborted = open({ signal: AbortSignal.abort() });
    await expect(aborted).rejects.toMatchObject({ code: 'CONNECT' });
    expect(simulator.stats().connections).toBe(0);
  });

  it('calls a refused token SESSION_EXPIRED, without repeating it', async () => {
    const refused = open({ headers: { authorization: 'Bearer some-other-token' } });
    await expect(refused).rejects.toMatchObject({ code: 'SESSION_EXPIRED' });
    await expect(refused).rejects.not.toThrow('some-other-token');
    expect(closes).toEqual([]);
  });

  it('calls a refused connection CONNECT', async () => {
    await simulator.server.setListening(false);
    await expect(open()).rejects.toMatchObject({ code: 'CONNECT' });
  });

  describe('against a silent server', () => {
    let silent: Server;
    let url: string;
    beforeEach(async () => {
      silent = createServer((socket) => {
        socket.on('error', () => undefined);
        // Without reading, the end of the connection would never be seen.
        socket.resume();
      });
      await new Promise<void>((resolve) => {
        silent.listen(0, '127.0.0.1', resolve);
      });
      url = `ws://127.0.0.1:${(silent.address() as AddressInfo).port}/`;
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
