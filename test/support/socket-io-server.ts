import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';

interface Handshake {
  readonly auth: unknown;
  readonly transport: unknown;
  readonly agent: string | undefined;
}

/** A socket.io server on loopback that knows one token and counts who comes. */
export class SocketIoBench {
  readonly url: string;
  readonly handshakes: Handshake[] = [];
  /** How many were not let in. */
  refused = 0;
  readonly #server: Server;
  /** The only token that it lets in. */
  token = 'secret-token';

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.url = `http://127.0.0.1:${String(port)}`;
    server.use((socket, next) => {
      const { auth, query, headers } = socket.handshake;
      if (auth['token'] !== this.token) {
        this.refused += 1;
        next(new Error('not let in'));
        return;
      }
      this.handshakes.push({
        auth,
        transport: query['transport'],
        agent: headers['user-agent'],
      });
      next();
    });
  }

  static async start(port = 0): Promise<SocketIoBench> {
    const http = createServer();
    const server = new Server(http, { transports: ['websocket'] });
    await new Promise<void>((resolve) => {
      http.listen(port, '127.0.0.1', resolve);
    });
    // It listens on a port, so it has an address.
    return new SocketIoBench(server, (http.address() as AddressInfo).port);
  }

  /** Sockets that were let in. */
  get connected(): number {
    return this.#server.sockets.sockets.size;
  }

  /** Connections below them, let in or not. */
  get transports(): number {
    return this.#server.engine.clientsCount;
  }

  emit(name: string, ...args: readonly unknown[]): void {
    this.#server.emit(name, ...args);
  }

  /** Cuts every connection as a failing network does. */
  drop(): void {
    for (const socket of this.#server.sockets.sockets.values()) socket.conn.close();
  }

  async close(): Promise<void> {
    await this.#server.close();
  }
}
