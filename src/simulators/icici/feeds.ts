import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import type { Socket } from 'socket.io';
import { z } from 'zod';
import type { FaultPlan } from '../core/faults';
import { faultOf } from '../core/faults';
import type { IciciOrder } from './order';
import { orderMessage } from './order-message';
import type { MessageOptions } from './order-message';
import type { Sessions } from './sessions';

const authSchema = z.object({ user: z.string(), token: z.string() });

/** The socket of order notifications: socket.io 4, an `order` event with an array, to the order's user alone. */
export class OrderFeed {
  readonly #plan: FaultPlan;
  readonly #sessions: Sessions;
  readonly #now: () => number;
  readonly #later: (delayMs: number, task: () => void) => void;
  readonly #options: MessageOptions;
  readonly #http = createServer();
  readonly #io = new Server(this.#http, { transports: ['websocket'], serveClient: false });
  /** Kept back by a `reorder` fault until the next message has gone out. */
  #kept: { readonly userId: string; readonly message: readonly string[] } | null = null;
  readonly #previous = new Map<string, readonly string[]>();
  #sequence = 0;
  #opened = 0;
  #refusing = false;

  constructor(
    plan: FaultPlan,
    sessions: Sessions,
    now: () => number,
    later: (delayMs: number, task: () => void) => void,
    options: MessageOptions,
  ) {
    this.#plan = plan;
    this.#sessions = sessions;
    this.#now = now;
    this.#later = later;
    this.#options = options;
    this.#io.use((socket, next) => {
      const userId = this.#userOf(socket);
      if (userId === null) next(new Error('Authentication error'));
      else {
        void socket.join(userId);
        next();
      }
    });
    this.#io.on('connection', () => {
      this.#opened += 1;
    });
  }

  /** Listens; port 0 takes a free one. The port in use. */
  async listen(port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#http.once('error', reject);
      this.#http.listen(port, '127.0.0.1', () => {
        this.#http.off('error', reject);
        resolve();
      });
    });
    // A listening TCP server has an AddressInfo; the type also covers pipes.
    return (this.#http.address() as AddressInfo).port;
  }

  /** How many times a connection was taken. */
  get opened(): number {
    return this.#opened;
  }
  get listeners(): number {
    return this.#io.of('/').sockets.size;
  }

  publish(order: IciciOrder): void {
    this.#sequence += 1;
    const { userId, orderId } = order;
    const message = orderMessage(order, this.#sequence, this.#now(), this.#options);
    const fault = faultOf(this.#plan.pick('update'), 'update');
    const previous = this.#previous.get(orderId) ?? message;
    this.#previous.set(orderId, message);
    switch (fault?.how) {
      case 'drop':
        return;
      case 'reorder':
        this.#kept = { userId, message };
        return;
      case 'late':
        this.#later(fault.delayMs, () => {
          this.#send(userId, message);
        });
        return;
      case 'duplicate':
        this.#send(userId, message);
        break;
      case 'stale-partial':
        // After the true one: what the order looked like before.
        this.#later(fault.delayMs, () => {
          this.#send(userId, previous);
        });
        break;
      case 'before-answer':
      case undefined:
        break;
    }
    this.#send(userId, message);
    if (this.#kept !== null) {
      const kept = this.#kept;
      this.#kept = null;
      this.#send(kept.userId, kept.message);
    }
  }

  /** Sends anything to everyone as an `order` event, for example what is no message of an order. */
  sendRaw(payload: unknown): void {
    this.#io.emit('order', payload);
  }

  /** Breaks every connection as a network does: clients come back by themselves. */
  drop(): void {
    for (const socket of this.#io.of('/').sockets.values()) socket.conn.close();
  }

  /** Whether new connections are turned away. */
  refuse(refusing: boolean): void {
    this.#refusing = refusing;
  }

  async close(): Promise<void> {
    this.drop();
    await this.#io.close();
    if (this.#http.listening) this.#http.close();
  }

  #send(userId: string, message: readonly string[]): void {
    this.#io.to(userId).emit('order', message);
  }

  /** The user whose session the handshake shows, or null. */
  #userOf(socket: Socket): string | null {
    const auth = authSchema.safeParse(socket.handshake.auth);
    if (this.#refusing || !auth.success) return null;
    return this.#sessions.bySocket(auth.data.user, auth.data.token)?.user.userId ?? null;
  }
}
