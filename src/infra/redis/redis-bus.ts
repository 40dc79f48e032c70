import type { Redis } from 'ioredis';
import type { Bus, BusMessage } from '../../core/ports/bus';
import type { Logger } from '../../core/ports/logger';

/** Local listeners at once, other processes by Redis pub/sub; nothing depends on a message arriving. */
export class RedisBus implements Bus {
  readonly #publisher: Redis;
  readonly #subscriber: Redis;
  readonly #processId: string;
  readonly #logger: Logger;
  /** Pub/sub knows no database numbers: two Torans in one Redis must not hear each other. */
  readonly #channel: string;
  readonly #listeners = new Set<(message: BusMessage) => void>();

  constructor(publisher: Redis, subscriber: Redis, processId: string, logger: Logger) {
    this.#publisher = publisher;
    this.#channel = `toran:bus:${String(publisher.options.db ?? 0)}`;
    this.#subscriber = subscriber;
    this.#processId = processId;
    this.#logger = logger;
  }

  async start(): Promise<void> {
    this.#subscriber.on('message', (_channel: string, text: string) => {
      // Written by publish below, in this or another process of the same version.
      const envelope = JSON.parse(text) as { from: string; message: BusMessage };
      if (envelope.from !== this.#processId) this.#deliver(envelope.message);
    });
    await this.#subscriber.subscribe(this.#channel);
  }

  publish(message: BusMessage): void {
    this.#deliver(message);
    this.#publisher
      .publish(this.#channel, JSON.stringify({ from: this.#processId, message }))
      .catch((error: unknown) => {
        this.#logger.debug({ reason: String(error) }, 'bus message not passed on');
      });
  }

  subscribe(listener: (message: BusMessage) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  #deliver(message: BusMessage): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(message);
      } catch (error) {
        this.#logger.error({ reason: String(error), kind: message.kind }, 'a bus listener failed');
      }
    }
  }
}
