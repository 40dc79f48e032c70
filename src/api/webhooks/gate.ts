import type { Request } from 'express';
import { isGatewayError, GatewayError } from '../../core/domain/errors';
import type { Clock } from '../../core/ports/clock';
import type { HookKind } from '../../core/ports/webhook-store';
import type { Hook } from '../../core/webhooks/hooks';
import { requireSigned, SIGNATURE_HEADER, TIMESTAMP_HEADER } from '../../core/webhooks/signature';
import { RateLimiter } from '../rate-limiter';
import type { Answer, Call } from '../route';
import { addressSet, allowListOf, callerAddress } from './addresses';
import type { WebhookParts } from './parts';

/** Wrong secrets per second and address that are answered as such. */
const WRONG_SECRET_RATE = 5;
/** Bytes of a webhook's body. */
const MAX_HOOK_BYTES = 16_384;

const RESULTS: Partial<Record<GatewayError['code'], string>> = {
  WEBHOOK_UNKNOWN: 'unknown',
  WEBHOOK_RATE: 'limited',
  KEY_RATE: 'limited',
};

/** Decides who may come in through a webhook. */
export class HookGate {
  readonly #parts: WebhookParts;
  readonly #clock: Clock;
  readonly #calls: RateLimiter;
  readonly #wrong: RateLimiter;
  readonly #isTrusted: (address: string) => boolean;
  readonly #isTradingView = allowListOf(['tradingview']);

  constructor(parts: WebhookParts, clock: Clock) {
    this.#parts = parts;
    this.#clock = clock;
    this.#calls = new RateLimiter(clock);
    this.#wrong = new RateLimiter(clock);
    this.#isTrusted = addressSet(parts.trustedProxies);
  }

  /** The address of the caller; behind a trusted proxy the one that it names. */
  addressOf(request: Request): string {
    return callerAddress(
      request.socket.remoteAddress ?? '',
      request.get('x-forwarded-for') ?? null,
      this.#isTrusted,
    );
  }

  /**
   * Whether a call of the order API is an alert of TradingView's kind: it comes from one of its published
   * addresses, or as text/plain, which clients of the API do not send.
   */
  sendsAlerts(request: Request, address: string): boolean {
    const type = request.get('content-type') ?? '';
    return /^text\/plain\b/i.test(type.trim()) || this.#isTradingView(address);
  }

  /**
   * The hook that `secret` opens for this call, once address, signature, pause and rate let it pass.
   * An unknown id and a wrong secret get one answer. @throws GatewayError WEBHOOK_*, KEY_RATE, BODY_TOO_LARGE
   */
  async admit(kind: HookKind, hookId: string | null, secret: string, call: Call): Promise<Hook> {
    if (call.raw.length > MAX_HOOK_BYTES) {
      throw new GatewayError('BODY_TOO_LARGE', 'The body is larger than 16 KB.');
    }
    const opened = await this.#parts.hooks.open(kind, hookId, secret);
    if (opened === null) throw this.#unknown(call.address);
    const { hook, signingKey } = opened;
    const { settings } = hook;
    if (settings.addresses !== null && !allowListOf(settings.addresses)(call.address)) {
      throw new GatewayError('WEBHOOK_ADDRESS', 'This webhook takes no calls from this address.');
    }
    if (settings.signed) {
      const signed = {
        signature: call.header(SIGNATURE_HEADER),
        timestamp: call.header(TIMESTAMP_HEADER),
        raw: call.raw,
      };
      requireSigned(signed, signingKey, this.#clock.now(), settings.signatureSeconds);
    }
    const perMinute = settings.ratePerMinute;
    const waitMs = this.#calls.take(hook.hookId, perMinute / 60, perMinute);
    if (waitMs > 0) {
      throw new GatewayError('WEBHOOK_RATE', 'This webhook is called too often.', {
        retryAfterMs: waitMs,
      });
    }
    if (!hook.active) throw new GatewayError('WEBHOOK_PAUSED', 'This webhook is paused.');
    return hook;
  }

  /** Counts how a call of that kind ends. */
  async counted(kind: HookKind, run: () => Promise<Answer>): Promise<Answer> {
    try {
      const answer = await run();
      this.#parts.count(kind, answer.status === 200 ? 'accepted' : 'refused');
      return answer;
    } catch (error) {
      const code = isGatewayError(error) ? error.code : 'INTERNAL';
      const fault = code === 'INTERNAL' || code === 'STORE_UNAVAILABLE' ? 'failed' : 'refused';
      this.#parts.count(kind, RESULTS[code] ?? fault);
      throw error;
    }
  }

  #unknown(address: string): GatewayError {
    const waitMs = this.#wrong.take(address, WRONG_SECRET_RATE);
    return waitMs === 0
      ? new GatewayError('WEBHOOK_UNKNOWN', 'No webhook has this id and token.')
      : new GatewayError('KEY_RATE', 'Too many calls with a wrong token from this address.', {
          retryAfterMs: waitMs,
        });
  }
}
