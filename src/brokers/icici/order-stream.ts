import { GatewayError } from '../../core/domain/errors';
import type { CallContext, OrderHint, OrderStream } from '../../core/ports/broker';
import type { Clock, Random } from '../../core/ports/clock';
import type { Logger } from '../../core/ports/logger';
import type { SocketIoConnection, SocketIoPort } from '../../core/ports/socket-io';
import { readOrderMessage } from './order-message';

const CONNECT_TIMEOUT_MS = 10_000;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;
/** How often a new day's session is looked for, connected or not. */
const SESSION_WATCH_MS = 5_000;
/** The same message again within this time is a duplicate. */
const DUPLICATE_MS = 10_000;
const MOST_REMEMBERED = 1_000;
/** "Something may have happened that we did not hear of." */
const LOOK: OrderHint = { brokerOrderId: null, clientTag: null };

export interface IciciOrderStreamOptions {
  /** Host of the order notifications, without a path. */
  readonly url: string;
  readonly socketIo: SocketIoPort;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Today's session token as `customerdetails` gave it, or null. Asked for anew at each attempt. */
  readonly token: () => Promise<string | null>;
}

/** One connection; `closed` says why it is none any more. */
interface Open {
  connection: SocketIoConnection | null;
  closed: string | null;
}
/** A call, because it may have closed during an await that the compiler does not see. */
const closeReason = (one: Open): string | null => one.closed;

/** What the socket wants: the session token is base64 of `<user>:<socket token>`. @throws GatewayError SCHEMA without repeating it */
export const socketAuth = (token: string): Readonly<Record<'user' | 'token', string>> => {
  const text = Buffer.from(token, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 1 || colon === text.length - 1) {
    throw new GatewayError(
      'SCHEMA',
      "the session token has not the form that ICICI's socket wants",
    );
  }
  return { user: text.slice(0, colon), token: text.slice(colon + 1) };
};

/**
 * Hints from ICICI's order notifications; nothing is joined, being connected is enough. Opens again by
 * itself, with the session of then, and hints to look at everything, because messages sent meanwhile are lost.
 */
export class IciciOrderStream implements OrderStream {
  readonly #options: IciciOrderStreamOptions;
  readonly #onHint: (hint: OrderHint) => void;
  readonly #ended = new AbortController();
  /** When each message was heard, oldest first. */
  readonly #heard = new Map<string, number>();
  #open: Open | null = null;
  #usedToken: string | null = null;
  #reopening = false;
  #stopWatch: () => void = () => undefined;

  private constructor(options: IciciOrderStreamOptions, onHint: (hint: OrderHint) => void) {
    this.#options = options;
    this.#onHint = onHint;
  }

  /** Connected. `context` bounds this first attempt alone. @throws GatewayError NO_SESSION, or as SocketIoPort.open */
  static async open(
    options: IciciOrderStreamOptions,
    onHint: (hint: OrderHint) => void,
    context: CallContext,
  ): Promise<IciciOrderStream> {
    const stream = new IciciOrderStream(options, onHint);
    if (!(await stream.#connect(context.signal))) {
      throw new GatewayError('NO_SESSION', 'the order notifications need a live session', {
        correlationId: context.correlationId,
      });
    }
    stream.#stopWatch = options.clock.every(SESSION_WATCH_MS, () => {
      void stream.#followSession();
    });
    return stream;
  }

  async close(): Promise<void> {
    this.#stopWatch();
    this.#ended.abort();
    await this.#open?.connection?.close();
  }

  /** False while there is no session. */
  async #connect(attempt: AbortSignal): Promise<boolean> {
    const { url, socketIo, token } = this.#options;
    const current = await token();
    if (current === null) return false;
    const request = {
      url,
      path: '/socket.io/',
      auth: socketAuth(current),
      headers: { 'User-Agent': 'node-socketio[client]/socket' },
      timeoutMs: CONNECT_TIMEOUT_MS,
    };
    // The signal of an attempt must not end the connection later.
    const life = new AbortController();
    const giveUp = (): void => {
      life.abort();
    };
    attempt.addEventListener('abort', giveUp, { once: true });
    this.#ended.signal.addEventListener('abort', giveUp, { once: true });
    const one: Open = { connection: null, closed: null };
    const closed = (reason: string): void => {
      one.closed = reason;
      this.#ended.signal.removeEventListener('abort', giveUp);
      if (this.#open !== one) return;
      this.#open = null;
      this.#lost(reason);
    };
    try {
      if (attempt.aborted || this.#isEnded()) giveUp();
      one.connection = await socketIo.open(
        { ...request, signal: life.signal },
        {
          onEvent: (name, args) => {
            this.#hear(name, args);
          },
          onClose: closed,
        },
      );
    } catch (error) {
      this.#ended.signal.removeEventListener('abort', giveUp);
      throw error;
    } finally {
      attempt.removeEventListener('abort', giveUp);
    }
    // A server may accept and close in one breath.
    if (closeReason(one) !== null) {
      throw new GatewayError('CONNECT', `the socket closed at once: ${String(one.closed)}`);
    }
    this.#open = one;
    this.#usedToken = current;
    return true;
  }

  #hear(name: string, args: readonly unknown[]): void {
    if (name !== 'order') return;
    const { logger } = this.#options;
    const message = readOrderMessage(args[0]);
    if (message.kind === 'other' || this.#isRepeated(args[0])) return;
    if (message.kind === 'unknown') {
      logger.warn(
        { why: message.why },
        'an order message that we do not know; looking at the book',
      );
      this.#onHint(LOOK);
      return;
    }
    logger.debug({ ...message }, 'order message');
    this.#onHint({ brokerOrderId: message.orderId, clientTag: null });
  }

  #isRepeated(payload: unknown): boolean {
    const now = this.#options.clock.monotonic();
    for (const [key, at] of this.#heard) {
      if (now - at < DUPLICATE_MS && this.#heard.size <= MOST_REMEMBERED) break;
      this.#heard.delete(key);
    }
    const key = JSON.stringify([payload]);
    if (this.#heard.has(key)) return true;
    this.#heard.set(key, now);
    return false;
  }

  /** Goes over to the session of now, when that is another one than the connection was opened with. */
  async #followSession(): Promise<void> {
    if (this.#reopening || this.#isEnded()) return;
    const current = await this.#options.token().catch(() => null);
    if (current === null || current === this.#usedToken || this.#open === null) return;
    const old = this.#open;
    this.#open = null;
    await old.connection?.close();
    this.#lost('another session');
  }

  #lost(reason: string): void {
    if (this.#isEnded() || this.#reopening) return;
    this.#options.logger.warn({ reason }, 'the order notifications broke off');
    this.#reopening = true;
    void this.#reopen().finally(() => {
      this.#reopening = false;
    });
  }

  async #reopen(): Promise<void> {
    const { clock, random, logger } = this.#options;
    let waitMs = FIRST_WAIT_MS;
    while (!this.#isEnded()) {
      const jitterMs = random.integer(Math.ceil(waitMs / 2));
      await clock.sleep(waitMs + jitterMs, this.#ended.signal);
      if (this.#isEnded()) return;
      try {
        if (await this.#connect(this.#ended.signal)) {
          this.#onHint(LOOK);
          return;
        }
        // No session: it costs nothing to ask often.
        waitMs = SESSION_WATCH_MS;
      } catch (cause) {
        logger.warn({ cause }, 'the order notifications are still closed');
        waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
      }
    }
  }

  /** A call, because the signal may have aborted during an await that the compiler does not see. */
  #isEnded(): boolean {
    return this.#ended.signal.aborted;
  }
}
