import type { RequestHandler } from 'express';
import type { Account } from '../core/domain/account';
import type { AccountId, OrderId } from '../core/domain/ids';
import type { MarketCalendar } from '../core/market/calendar';
import type { MarketReads } from '../core/market/market-reads';
import type { Books } from '../core/orders/books-types';
import type { Positions } from '../core/orders/positions-types';
import type { Practice } from '../core/orders/practice';
import type { OrderService } from '../core/orders/service-types';
import type { BrokerModule } from '../core/ports/broker';
import type { Catalogue } from '../core/ports/catalogue';
import type { Clock, Random } from '../core/ports/clock';
import type { Ledger } from '../core/ports/ledger';
import type { Logger } from '../core/ports/logger';
import type { ApiKeys } from '../core/sessions/api-keys-types';
import type { Logins } from '../core/sessions/logins';
import type { Readiness } from '../core/sessions/readiness';
import type { Credentials } from '../core/sessions/credentials';
import type { WebhookParts } from './webhooks/parts';

/** What a health check tells anybody who asks: names and states only, never a path or an address. */
export interface HealthReport {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, 'ok' | 'failing'>>;
}

/** The part of a broker module that answers and account calls need. */
export type BrokerFacts = Pick<BrokerModule, 'id' | 'title' | 'capabilities'>;

/** Everything the HTTP API stands on; the composition root fills it. */
export interface ApiDeps {
  readonly orders: OrderService;
  readonly books: Books;
  readonly positions: Positions;
  readonly practice: Practice;
  readonly marketReads: MarketReads;
  readonly calendar: MarketCalendar;
  readonly keys: ApiKeys;
  readonly ledger: Pick<
    Ledger,
    'accounts' | 'addAccount' | 'setDefaultAccount' | 'setStopped' | 'clearBaseline' | 'audit'
  >;
  readonly credentials: Pick<Credentials, 'presence' | 'set' | 'forget'>;
  readonly catalogue: Catalogue;
  readonly brokers: readonly BrokerFacts[];
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: { text(): Promise<string>; readonly contentType: string };
  /** Host names without port, lower case; `[::1]` with its brackets. */
  readonly allowedHosts: readonly string[];
  /** How long an order call waits for its outcome, milliseconds. */
  readonly orderWaitMs: number;
  readonly webhooks: WebhookParts;
  readonly logins: Pick<Logins, 'url' | 'paste'>;
  readonly readiness: Readiness;
  /** Read-only pages about the queues, shown to admin keys only; null: there are none. */
  readonly queueBoard: RequestHandler | null;
  health(): Promise<HealthReport>;
  /** Called after an account was added, so that it is served without a restart. */
  accountAdded(account: Account): Promise<void>;
  /** Clears a practice account. @throws GatewayError UNSUPPORTED when the broker has real money in it */
  resetPractice(account: AccountId, correlationId: string): Promise<void>;
  /** The order's whole life, ready for JSON. @throws GatewayError ORDER_NOT_FOUND */
  explain(order: OrderId): Promise<Readonly<Record<string, unknown>>>;
}
