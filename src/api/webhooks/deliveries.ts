import { createHash } from 'node:crypto';
import type { Response } from 'express';
import type { EpochMs } from '../../core/domain/ids';
import type { Clock, Random } from '../../core/ports/clock';
import type { Logger } from '../../core/ports/logger';
import type { ReceivedCall } from '../../core/ports/webhook-store';
import type { WebhookParts } from './parts';

const ID_BYTES = 16;
const PROCESS_BYTES = 6;
/** How much longer than its wait an answer may take, with its note in the store. */
const SLACK_MS = 1_500;
/** Longer than the ledger looks back for an earlier call. */
const REMEMBER_MS = 60_000;

interface Ports {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/**
 * Watches whether the answers of calls go out. A call is open from before its orders are written until
 * the store knows its answer, so that an equal call beside it is never taken for its repeat; a call
 * whose connection breaks first, or whose process dies, stays unanswered in the store. Other processes
 * cannot tell which of the two holds until an answer would be overdue.
 */
export class Deliveries {
  readonly #store: WebhookParts['store'];
  readonly #ports: Ports;
  /** Begins the ids of this process's calls. */
  readonly #process: string;
  readonly #longestMs: number;
  readonly #open = new Set<string>();

  constructor(parts: Pick<WebhookParts, 'store' | 'waitMs'>, ports: Ports) {
    this.#store = parts.store;
    this.#ports = ports;
    this.#process = `${Buffer.from(ports.random.bytes(PROCESS_BYTES)).toString('hex')}-`;
    this.#longestMs = parts.waitMs + SLACK_MS;
  }

  /** Begins to watch the answer to `raw` from `source`. */
  begin(response: Response, source: string, raw: Uint8Array): ReceivedCall {
    const { clock, random } = this.#ports;
    const callId = `${this.#process}${Buffer.from(random.bytes(ID_BYTES)).toString('hex')}`;
    // A caller that has gone already hears nothing: its call is not open.
    if (!response.closed && !response.destroyed) {
      this.#open.add(callId);
      response.once('finish', () => void this.#finished(callId, response.statusCode));
      response.once('close', () => {
        if (!response.writableFinished) this.#open.delete(callId);
      });
    }
    return {
      callId,
      callKey: createHash('sha256').update(`${source}\0`).update(raw).digest('hex'),
      at: clock.now(),
      isOpen: (id, receivedAt) => this.#isOpen(id, receivedAt),
    };
  }

  #isOpen(callId: string, receivedAt: EpochMs): boolean | 'maybe' {
    if (callId.startsWith(this.#process)) return this.#open.has(callId);
    return this.#ports.clock.now() < receivedAt + this.#longestMs ? 'maybe' : false;
  }

  async #finished(callId: string, status: number): Promise<void> {
    const { clock, logger } = this.#ports;
    try {
      await this.#store.markAnswered(callId, status, clock.now());
      this.#open.delete(callId);
    } catch (error) {
      logger.error({ reason: String(error) }, 'the answer of a call was not noted');
      // It was answered all the same: this process remembers it for as long as it matters.
      if (status >= 500) this.#open.delete(callId);
      else clock.after(REMEMBER_MS, () => this.#open.delete(callId));
    }
  }
}
