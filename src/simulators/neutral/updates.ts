import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import type { FaultPlan } from '../core/faults';
import { faultOf } from '../core/faults';
import type { NeutralOrder } from './wire';

/** The broker's stream of order updates at /updates: JSON text, one order per message. */
export class UpdateFeed {
  readonly #server = new WebSocketServer({ noServer: true });
  readonly #plan: FaultPlan;
  readonly #later: (delayMs: number, task: () => void) => void;
  /** Kept back by a `reorder` fault until the next update has gone out. */
  #kept: string | null = null;
  #previous = new Map<string, string>();
  #opened = 0;

  constructor(plan: FaultPlan, later: (delayMs: number, task: () => void) => void) {
    this.#plan = plan;
    this.#later = later;
  }

  /** Serves upgrades of `http`; `isLive` judges the Authorization header. */
  attach(http: Server, isLive: (header: string | undefined) => boolean): void {
    http.on('upgrade', (request, socket: Socket, head) => {
      if (request.url !== '/updates' || !isLive(request.headers.authorization)) {
        socket.end('HTTP/1.1 401 Unauthorized\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
        return;
      }
      this.#server.handleUpgrade(request, socket, head, (client: WebSocket) => {
        this.#opened += 1;
        this.#server.emit('connection', client, request);
      });
    });
  }

  /** How many times a stream was opened. */
  get opened(): number {
    return this.#opened;
  }
  get listeners(): number {
    return this.#server.clients.size;
  }

  publish(order: NeutralOrder): void {
    const text = textOf(order, order.status, order.filled_quantity);
    const fault = faultOf(this.#plan.pick('update'), 'update');
    const previous = this.#previous.get(order.order_id);
    this.#previous.set(order.order_id, text);
    switch (fault?.how) {
      case 'drop':
        return;
      case 'reorder':
        this.#kept = text;
        return;
      case 'late':
        this.#later(fault.delayMs, () => {
          this.#send(text);
        });
        return;
      case 'duplicate':
        this.#send(text);
        break;
      case 'stale-partial':
        // After the true one: what the order looked like before.
        this.#later(fault.delayMs, () => {
          this.#send(previous ?? textOf(order, 'open', Math.max(0, order.filled_quantity - 1)));
        });
        break;
      case 'before-answer':
      case undefined:
        break;
    }
    this.#send(text);
    if (this.#kept !== null) {
      const kept = this.#kept;
      this.#kept = null;
      this.#send(kept);
    }
  }

  /** Sends any text to every listener, for example one that is no valid update. */
  sendRaw(text: string): void {
    this.#send(text);
  }

  /** Ends every open stream without a word. */
  drop(): void {
    for (const client of this.#server.clients) client.terminate();
  }

  close(): void {
    this.drop();
    this.#server.close();
  }

  #send(text: string): void {
    for (const client of this.#server.clients) client.send(text);
  }
}

const textOf = (order: NeutralOrder, status: string, filled: number): string =>
  JSON.stringify({
    type: 'order',
    order_id: order.order_id,
    tag: order.tag,
    status,
    filled_quantity: filled,
  });
