import { WebSocket } from 'ws';
import { GatewayError } from '../core/domain/errors';
import type {
  SocketConnection,
  SocketEvents,
  SocketPort,
  SocketRequest,
} from '../core/ports/socket';

/** Frames larger than this end the connection: an update is a few hundred bytes. */
const MAX_FRAME_BYTES = 1_048_576;

const bytesOf = (data: Buffer | ArrayBuffer | Buffer[]): Uint8Array => {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
};

/** WebSockets over `ws`. Redirects are not followed: a token goes only where it was meant to. */
export class WsSocket implements SocketPort {
  open(request: SocketRequest, events: SocketEvents): Promise<SocketConnection> {
    if (request.signal.aborted) {
      return Promise.reject(new GatewayError('CONNECT', 'the socket was not opened: aborted'));
    }
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(request.url, {
        headers: { ...request.headers },
        handshakeTimeout: request.timeoutMs,
        followRedirects: false,
        maxPayload: MAX_FRAME_BYTES,
      });
      let opened = false;
      let last = 'closed';
      const abort = (): void => {
        last = 'aborted';
        socket.terminate();
      };
      request.signal.addEventListener('abort', abort, { once: true });
      const refuse = (error: GatewayError): void => {
        request.signal.removeEventListener('abort', abort);
        reject(error);
      };

      socket.on('unexpected-response', (_sent, answer) => {
        const status = answer.statusCode ?? 0;
        answer.destroy();
        const code = status === 401 || status === 403 ? 'SESSION_EXPIRED' : 'CONNECT';
        refuse(new GatewayError(code, `the socket was refused with HTTP ${status}`));
        socket.terminate();
      });
      socket.on('error', (cause) => {
        last = cause.message;
        if (opened) return;
        const timedOut = cause.message.includes('timed out');
        const code = timedOut ? 'TIMEOUT' : 'CONNECT';
        refuse(new GatewayError(code, 'the socket could not be opened', { cause }));
      });
      socket.on('message', (data, isBinary) => {
        const bytes = bytesOf(data);
        events.onMessage(isBinary ? bytes : Buffer.from(bytes).toString('utf8'));
      });
      socket.on('close', (code) => {
        request.signal.removeEventListener('abort', abort);
        if (opened) events.onClose(`${last} (${code})`);
      });
      socket.on('open', () => {
        opened = true;
        resolve(connectionOf(socket));
      });
    });
  }
}

const connectionOf = (socket: WebSocket): SocketConnection => ({
  send: (data) => {
    if (socket.readyState !== WebSocket.OPEN) return false;
    socket.send(data);
    return true;
  },
  close: () =>
    new Promise((resolve) => {
      if (socket.readyState === WebSocket.CLOSED) {
        resolve();
        return;
      }
      socket.once('close', () => {
        resolve();
      });
      socket.terminate();
    }),
});
