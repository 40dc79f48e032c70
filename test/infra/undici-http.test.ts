import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { monotonicMs } from '../../src/core/domain/ids';
import type { HttpRequest } from '../../src/core/ports/http';
import { SystemClock } from '../../src/infra/system-clock';
import { UndiciHttp } from '../../src/infra/undici-http';
import { until } from '../support/until';

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}';

/** Monotonic time runs on the machine's clock plus what a test adds. */
class ShiftedClock extends SystemClock {
  shiftMs = 0;
  override monotonic(): ReturnType<SystemClock['monotonic']> {
    return monotonicMs(super.monotonic() + this.shiftMs);
  }
}

/** A server without HTTP knowledge: counts connections and bytes, and answers as told. */
class RawServer {
  connections = 0;
  bytes = 0;
  text = '';
  onData: (socket: Socket, text: string) => void = (socket) => socket.write(OK);
  onConnection: (socket: Socket) => void = () => undefined;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor() {
    this.#server = createServer((socket) => {
      this.connections += 1;
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('data', (chunk: Buffer) => {
        this.bytes += chunk.length;
        this.text += chunk.toString('latin1');
        this.onData(socket, chunk.toString('latin1'));
      });
      this.onConnection(socket);
    });
  }
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }
  get open(): number {
    return this.#sockets.size;
  }
  /** Requests seen, told by their request lines. */
  get requests(): number {
    return this.text.match(/(GET|POST|PUT|DELETE) \/\S* HTTP/g)?.length ?? 0;
  }
  resetAll(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }
  async close(): Promise<void> {
    this.resetAll();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

describe('UndiciHttp', () => {
  let server: RawServer;
  let url: string;
  let clock: ShiftedClock;
  let http: UndiciHttp;
  let never: AbortController;

  beforeEach(async () => {
    server = new RawServer();
    url = await server.listen();
    clock = new ShiftedClock();
    http = new UndiciHttp({ clock });
    never = new AbortController();
  });
  afterEach(async () => {
    await http.close();
    await server.close();
  });

  const ask = (changes: Partial<HttpRequest> = {}): HttpRequest => ({
    method: 'POST',
    url: `${url}/orders`,
    headers: { 'content-type': 'application/json' },
    body: '{"a":1}',
    signal: never.signal,
    timeoutMs: 5_000,
    sendBy: null,
    freshConnection: true,
    ...changes,
  });

  describe.each([true, false])('freshConnection %s', (freshConnection) => {
    it('gives the status, headers and body of an answer', async () => {
      const result = await http.request(ask({ freshConnection }));
      expect(result).toMatchObject({ kind: 'response', status: 200 });
      expect(result.kind === 'response' && Buffer.from(result.body).toString()).toBe('{}');
      expect(server.text).toContain('{"a":1}');
    });

    it('does not follow a redirect', async () => {
      server.onData = (socket) =>
        socket.write('HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n');
      const result = await http.request(ask({ freshConnection }));
      expect(result).toMatchObject({ kind: 'response', status: 302 });
      expect(server.requests).toBe(1);
    });

    it('sends a body with DELETE', async () => {
      await http.request(ask({ freshConnection, method: 'DELETE' }));
      expect(server.text).toContain('{"a":1}');
    });

    it('calls a refused connection connect, refused', async () => {
      await server.close();
      const result = await http.request(ask({ freshConnection }));
      expect(result).toMatchObject({ kind: 'failure', stage: 'connect', why: 'refused' });
    });

    it('calls an unknown host connect, refused', async () => {
      const result = await http.request(
        ask({ freshConnection, url: 'http://no-such-host.invalid/' }),
      );
      expect(result).toMatchObject({ kind: 'failure', stage: 'connect' });
    });

    it('writes nothing after sendBy', async () => {
      const sendBy = monotonicMs(clock.monotonic() - 1);
      const result = await http.request(ask({ freshConnection, sendBy }));
      expect(result).toMatchObject({ kind: 'failure', stage: 'connect', why: 'too-late' });
      // The socket may have been opened before it was too late; a second request proves that it stays mute.
      await http.request(ask({ freshConnection }));
      expect(server.requests).toBe(1);
    });

    it('looks at sendBy when the connection stands, not when the call began', async () => {
      const sendBy = monotonicMs(clock.monotonic() + 60_000);
      const pending = http.request(ask({ freshConnection, sendBy }));
      // The process was stopped between the call and the write.
      clock.shiftMs = 120_000;
      expect(await pending).toMatchObject({ stage: 'connect', why: 'too-late' });
      expect(server.bytes).toBe(0);
    });

    it('keeps the connection that stood too late, for the next attempt', async () => {
      const sendBy = monotonicMs(clock.monotonic() + 60_000);
      const pending = http.request(ask({ freshConnection, sendBy }));
      clock.shiftMs = 120_000;
      expect(await pending).toMatchObject({ stage: 'connect', why: 'too-late' });
      expect(await http.request(ask({ freshConnection }))).toMatchObject({ status: 200 });
      expect(server.connections).toBe(1);
    });

    it('writes nothing for a call aborted before the write', async () => {
      const controller = new AbortController();
      const pending = http.request(ask({ freshConnection, signal: controller.signal }));
      controller.abort();
      expect(await pending).toMatchObject({ stage: 'connect', why: 'aborted' });
      await http.request(ask({ freshConnection }));
      expect(server.requests).toBe(1);
    });

    it('writes nothing for a signal that was already aborted', async () => {
      const result = await http.request(ask({ freshConnection, signal: AbortSignal.abort() }));
      expect(result).toMatchObject({ stage: 'connect', why: 'aborted' });
      expect(server.connections).toBe(0);
    });

    it('calls an abort after the write sent, aborted', async () => {
      const controller = new AbortController();
      server.onData = () => {
        controller.abort();
      };
      const result = await http.request(ask({ freshConnection, signal: controller.signal }));
      expect(result).toMatchObject({ kind: 'failure', stage: 'sent', why: 'aborted' });
    });

    it('calls a silent server sent, timeout', async () => {
      server.onData = () => undefined;
      const result = await http.request(ask({ freshConnection, timeoutMs: 80 }));
      expect(result).toMatchObject({ kind: 'failure', stage: 'sent', why: 'timeout' });
      expect(server.requests).toBe(1);
    });

    it.each(['GET', 'PUT', 'DELETE', 'POST'] as const)(
      'never sends a %s again after a reset',
      async (method) => {
        server.onData = (socket) => socket.resetAndDestroy();
        const body = method === 'GET' ? null : '{}';
        const result = await http.request(ask({ freshConnection, method, body }));
        expect(result).toMatchObject({ kind: 'failure', stage: 'sent', why: 'reset' });
        // A repeat would come on a new connection: let one go by behind it.
        server.onData = (socket) => socket.write(OK);
        await http.request(ask({ freshConnection, method, body }));
        expect(server.requests).toBe(2);
      },
    );

    it('calls a server that closes in good order without an answer sent, reset', async () => {
      server.onData = (socket) => socket.end();
      const result = await http.request(ask({ freshConnection }));
      expect(result).toMatchObject({ kind: 'failure', stage: 'sent', why: 'reset' });
      expect(server.requests).toBe(1);
    });

    it.each([
      ['shorter than its content-length', 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{"a"'],
      [
        'shorter than its content-length, not kept alive',
        'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 10\r\n\r\n{"a"',
      ],
      ['a chunk cut off', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"a"'],
      [
        'chunks without their end, not kept alive',
        'HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n4\r\n{"a"\r\n',
      ],
    ])('calls a body that is %s body, reset', async (_name, answer) => {
      server.onData = (socket) => socket.end(answer);
      const result = await http.request(ask({ freshConnection }));
      expect(result).toMatchObject({ kind: 'failure', stage: 'body', why: 'reset' });
    });

    it('calls a body that stops arriving body, timeout', async () => {
      server.onData = (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{');
      const result = await http.request(ask({ freshConnection, timeoutMs: 80 }));
      expect(result).toMatchObject({ kind: 'failure', stage: 'body', why: 'timeout' });
    });
  });

  it('cuts an answer that is too large off', async () => {
    const small = new UndiciHttp({ clock, maxBodyBytes: 100 });
    server.onData = (socket) =>
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 101\r\n\r\n${'x'.repeat(101)}`);
    const result = await small.request(ask());
    await small.close();
    expect(result).toMatchObject({ kind: 'failure', stage: 'body', why: 'too-large' });
  });

  it('uses a connection that has just answered again', async () => {
    await http.request(ask());
    await http.request(ask());
    expect(server.connections).toBe(1);
  });

  it('opens a new connection for an order when the last answer is older than two seconds', async () => {
    await http.request(ask());
    clock.shiftMs += 2_001;
    await http.request(ask());
    expect(server.connections).toBe(2);
    await until(() => server.open === 1);
  });

  it('never puts two order calls on one connection at a time', async () => {
    let waiting = 0;
    server.onData = (socket) => {
      waiting += 1;
      if (waiting === 2) {
        socket.write(OK);
        server.onData = (other) => other.write(OK);
        server.resetAll();
      }
    };
    await Promise.all([http.request(ask()), http.request(ask())]);
    expect(server.connections).toBe(2);
    expect(server.requests).toBe(2);
  });

  it('does not use the connection of a failed call again', async () => {
    server.onData = (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{');
    await http.request(ask({ timeoutMs: 50 }));
    server.onData = (socket) => socket.write(OK);
    expect(await http.request(ask())).toMatchObject({ kind: 'response' });
    expect(server.connections).toBe(2);
  });

  it('fails what is open and sends nothing more once closed', async () => {
    server.onData = () => {
      void http.close();
    };
    expect(await http.request(ask())).toMatchObject({ kind: 'failure', stage: 'sent' });
    const after = await http.request(ask());
    expect(after).toMatchObject({ kind: 'failure', stage: 'connect', why: 'aborted' });
    expect(server.requests).toBe(1);
  });

  it('sends an order once when the idle connection was closed behind its back', async () => {
    await http.request(ask());
    server.resetAll();
    const result = await http.request(ask());
    // Either the close was seen in time and a new connection used, or the call failed: never both.
    expect(server.requests).toBe(result.kind === 'response' ? 2 : 1);
    if (result.kind === 'failure') expect(result.stage).toBe('sent');
  });
});
