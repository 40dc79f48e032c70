import { io } from 'socket.io-client';
import { GatewayError } from '../core/domain/errors';
import type {
  SocketIoConnection,
  SocketIoEvents,
  SocketIoPort,
  SocketIoRequest,
} from '../core/ports/socket-io';

/** socket.io connections over `socket.io-client`, which neither reconnects nor shares a connection here. */
export class SocketIoClient implements SocketIoPort {
  open(request: SocketIoRequest, events: SocketIoEvents): Promise<SocketIoConnection> {
    if (request.signal.aborted) {
      return Promise.reject(new GatewayError('CONNECT', 'the socket was not opened: aborted'));
    }
    return new Promise((resolve, reject) => {
      const socket = io(request.url, {
        path: request.path,
        auth: { ...request.auth },
        extraHeaders: { ...request.headers },
        transports: ['websocket'],
        reconnection: false,
        forceNew: true,
        multiplex: false,
        autoConnect: false,
        timeout: request.timeoutMs,
      });
      let opened = false;
      let ended = false;
      const timer = setTimeout(() => {
        refuse('TIMEOUT', new Error('no answer to the handshake'));
      }, request.timeoutMs);
      const abort = (): void => {
        if (opened) socket.disconnect();
        else refuse('CONNECT', new Error('aborted'));
      };
      const finish = (): void => {
        ended = true;
        clearTimeout(timer);
        request.signal.removeEventListener('abort', abort);
      };
      const refuse = (code: 'CONNECT' | 'TIMEOUT' | 'SESSION_EXPIRED', cause: Error): void => {
        if (opened || ended) return;
        finish();
        socket.disconnect();
        reject(
          new GatewayError(code, `the socket could not be opened: ${cause.message}`, { cause }),
        );
      };
      request.signal.addEventListener('abort', abort, { once: true });

      socket.on('connect_error', (cause) => {
        // The client library gives a socket up when the server refused it, and not when the way failed.
        if (!socket.active) refuse('SESSION_EXPIRED', cause);
        else refuse(cause.message === 'timeout' ? 'TIMEOUT' : 'CONNECT', cause);
      });
      socket.on('connect', () => {
        if (ended) return;
        opened = true;
        clearTimeout(timer);
        resolve({ close: () => closed(socket) });
      });
      socket.onAny((name: unknown, ...args: unknown[]) => {
        if (!ended) events.onEvent(String(name), args);
      });
      socket.on('disconnect', (reason) => {
        if (!opened || ended) return;
        finish();
        events.onClose(reason);
      });
      socket.connect();
    });
  }
}

const closed = (socket: ReturnType<typeof io>): Promise<void> =>
  new Promise((resolve) => {
    const { engine } = socket.io;
    if (engine.readyState === 'closed') {
      resolve();
      return;
    }
    engine.once('close', () => {
      resolve();
    });
    socket.disconnect();
  });
