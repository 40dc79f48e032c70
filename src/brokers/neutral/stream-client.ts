import type { CallContext, OrderHint, OrderStream } from '../../core/ports/broker';
import type { Clock, Random } from '../../core/ports/clock';
import type { Logger } from '../../core/ports/logger';
import type { SocketConnection, SocketPort } from '../../core/ports/socket';
import { hintOf } from './from-wire';

const CONNECT_TIMEOUT_MS = 3_000;
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;
/** "Something may have happened that we did not hear of." */
const LOOK: OrderHint = { brokerOrderId: null, clientTag: null };

export interface UpdateStreamOptions {
  /** `ws://…/updates`. */
  readonly url: string;
  readonly socket: SocketPort;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Today's token at each attempt, or null. */
  readonly token: () => Promise<string | null>;
}

/**
 * Hints from the broker's stream. It opens again by itself after a break, waiting longer each time, and
 * then hints to look at everything, because updates may have been missed.
 */
export class UpdateStream implements OrderStream {
  readonly #options: UpdateStreamOptions;
  readonly #onHint: (hint: OrderHint) => void;
  readonly #ended = new AbortController();
  #connection: SocketConnection | null = null;
  #waitMs = FIRST_WAIT_MS;

  constructor(options: UpdateStreamOptions, onHint: (hint: OrderHint) => void) {
    this.#options = options;
    this.#onHint = onHint;
  }

  /** Opens it for the first time; `context` bounds this alone. False without a token. @throws GatewayError as SocketPort.open. */
  async start(context: CallContext): Promise<boolean> {
    // The signal of the attempt must not end the connection later.
    const life = new AbortController();
    const giveUp = (): void => {
      life.abort();
    };
    context.signal.addEventListener('abort', giveUp, { once: true });
    if (context.signal.aborted) giveUp();
    try {
      return await this.#connect(AbortSignal.any([life.signal, this.#ended.signal]));
    } finally {
      context.signal.removeEventListener('abort', giveUp);
    }
  }

  async #connect(signal: AbortSignal): Promise<boolean> {
    const { url, socket, logger } = this.#options;
    const token = await this.#options.token();
    if (token === null) return false;
    this.#connection = await socket.open(
      {
        url,
        headers: { authorization: `Bearer ${token}` },
        signal,
        timeoutMs: CONNECT_TIMEOUT_MS,
      },
      {
        onMessage: (message) => {
          const hint = hintOf(message);
          if (hint === null) logger.warn({}, 'an update that we do not know; looking at the book');
          this.#onHint(hint ?? LOOK);
        },
        onClose: (reason) => {
          this.#connection = null;
          if (this.#isEnded()) return;
          logger.warn({ reason }, 'the update stream broke');
          void this.#reopen();
        },
      },
    );
    this.#waitMs = FIRST_WAIT_MS;
    return true;
  }

  async close(): Promise<void> {
    this.#ended.abort();
    await this.#connection?.close();
  }

  async #reopen(): Promise<void> {
    const { clock, random, logger } = this.#options;
    let open = false;
    while (!open && !this.#isEnded()) {
      const jitter = random.integer(Math.ceil(this.#waitMs / 2));
      await clock.sleep(this.#waitMs + jitter, this.#ended.signal);
      this.#waitMs = Math.min(this.#waitMs * 2, LONGEST_WAIT_MS);
      if (this.#isEnded()) return;
      try {
        open = await this.#connect(this.#ended.signal);
      } catch (cause) {
        logger.warn({ cause }, 'the update stream is still closed');
      }
    }
    if (open) this.#onHint(LOOK);
  }

  /** A call, because the signal may have aborted during an await that the compiler does not see. */
  #isEnded(): boolean {
    return this.#ended.signal.aborted;
  }
}
