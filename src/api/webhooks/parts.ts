import type { InstrumentLookup } from '../../core/ports/broker';
import type { WebhookStore } from '../../core/ports/webhook-store';
import type { Hooks } from '../../core/webhooks/hooks';

/** What the webhooks of the HTTP API stand on. */
export interface WebhookParts {
  readonly hooks: Hooks;
  readonly store: Pick<WebhookStore, 'markAnswered'>;
  readonly instruments: InstrumentLookup;
  /** How long a sender of alerts waits for an outcome, milliseconds. */
  readonly waitMs: number;
  /** Addresses and networks whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[];
  /** Counts a call; neither word names the webhook. */
  count(kind: string, result: string): void;
}
