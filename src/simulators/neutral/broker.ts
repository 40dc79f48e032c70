import type { z } from 'zod';
import { faultOf } from '../core/faults';
import type { Fault } from '../core/faults';
import type { SimulatedBroker, SimulatedReply, SimulatedRequest } from '../core/fault-server';
import type { NeutralBook } from './book';
import type { MarketView } from './market-view';
import type { UpdateFeed } from './updates';
import { modifySchema, placeSchema } from './wire';
import type { NeutralHolding, NeutralOrder } from './wire';

const ok = (data: unknown): SimulatedReply => ({ status: 200, body: { status: 'ok', data } });
const error = (status: number, code: string, message: string): SimulatedReply => ({
  status,
  body: { status: 'error', code, message },
});
const REFUSAL_STATUS: Readonly<Record<string, number>> = {
  ORDER_NOT_FOUND: 404,
  ORDER_FINISHED: 409,
};

const READS: Readonly<Record<string, string>> = {
  '/orders': 'orders',
  '/trades': 'trades',
  '/positions': 'positions',
  '/holdings': 'holdings',
  '/funds': 'funds',
  '/session': 'session',
};
const MARKET_PATH = /^\/(quotes|depth)\/(.+)$/;
const ORDER_PATH = /^\/orders\/([A-Za-z0-9]+)$/;

/** Money of the simulated account, rupees. */
const FUNDS = {
  available_cash: '1000000',
  collateral: '0',
  utilised_margin: '0',
} as const;

/** The neutral broker's routes and words over its book. */
export class NeutralBroker implements SimulatedBroker {
  readonly #book: NeutralBook;
  readonly #feed: UpdateFeed;
  readonly #view: MarketView;
  #token: string;
  #tokenLives = true;
  #holdings: readonly NeutralHolding[] = [];
  /** Updates of the call under way; they go out after its answer. */
  #collecting: NeutralOrder[] | null = null;

  constructor(book: NeutralBook, view: MarketView, feed: UpdateFeed, token: string) {
    this.#book = book;
    this.#view = view;
    this.#feed = feed;
    this.#token = token;
  }

  identify(
    method: string,
    path: string,
  ): { operation: string; callClass: 'order' | 'query' } | null {
    const read = method === 'GET' ? READS[path] : undefined;
    if (read !== undefined) return { operation: read, callClass: 'query' };
    const market = method === 'GET' ? MARKET_PATH.exec(path)?.[1] : undefined;
    if (market !== undefined) return { operation: market, callClass: 'query' };
    if (method === 'POST' && path === '/orders') return { operation: 'place', callClass: 'order' };
    if (!ORDER_PATH.test(path)) return null;
    if (method === 'GET') return { operation: 'order', callClass: 'query' };
    if (method === 'PUT') return { operation: 'modify', callClass: 'order' };
    if (method === 'DELETE') return { operation: 'cancel', callClass: 'order' };
    return null;
  }

  handle(request: SimulatedRequest): SimulatedReply {
    if (!this.accepts(textHeader(request.headers['authorization']))) {
      return error(401, 'SESSION_EXPIRED', 'log in again');
    }
    const early = faultOf(request.faults, 'update')?.how === 'before-answer';
    const collected: NeutralOrder[] = [];
    this.#collecting = early ? null : collected;
    const reply = this.#dispatch(request);
    this.#collecting = null;
    return {
      ...reply,
      afterwards: () => {
        for (const order of collected) this.#feed.publish(order);
      },
    };
  }

  /** Where the book tells of each change. */
  changed(order: NeutralOrder): void {
    if (this.#collecting === null) this.#feed.publish(order);
    else this.#collecting.push(order);
  }

  accepts(authorization: string | undefined): boolean {
    return this.#tokenLives && authorization === `Bearer ${this.#token}`;
  }
  killToken(): void {
    this.#tokenLives = false;
  }
  /** A login: from now on only `token` counts. */
  renewToken(token: string): void {
    this.#token = token;
    this.#tokenLives = true;
  }
  setHoldings(holdings: readonly NeutralHolding[]): void {
    this.#holdings = holdings;
  }

  refusal(code: string, message: string): SimulatedReply {
    return error(REFUSAL_STATUS[code] ?? 400, code, message);
  }
  throttled(retryAfterMs: number): SimulatedReply {
    return {
      status: 429,
      body: {
        status: 'error',
        code: 'TOO_MANY_REQUESTS',
        message: 'too many requests',
        retry_after_ms: retryAfterMs,
      },
    };
  }
  undocumented(status: number): SimulatedReply {
    return error(status, 'PROCESSING_ERROR', 'could not process the request');
  }

  #dispatch(request: SimulatedRequest): SimulatedReply {
    const { operation, faults } = request;
    switch (operation) {
      case 'place':
        return this.#place(request);
      case 'modify':
        return withBody(modifySchema, request.body, (change) =>
          this.#answer(this.#book.modify(idOf(request.path), change, !skipped(faults))),
        );
      case 'cancel':
        return this.#answer(this.#book.cancel(idOf(request.path), !skipped(faults)));
      case 'orders':
        return ok(this.#orders(faults));
      case 'order': {
        const order = this.#book.order(idOf(request.path));
        return order === null ? this.refusal('ORDER_NOT_FOUND', 'no such order') : ok(order);
      }
      case 'trades':
        return ok(faultOf(faults, 'empty-read') === null ? this.#book.trades() : []);
      case 'positions':
        return ok(this.#book.positions());
      case 'holdings':
        return ok(this.#holdings);
      case 'funds':
        return ok(FUNDS);
      case 'quotes':
      case 'depth': {
        const wanted = MARKET_PATH.exec(request.path)?.[2] ?? '';
        const found = operation === 'depth' ? this.#view.depth(wanted) : this.#view.quotes(wanted);
        return found === null ? this.refusal('INVALID_FIELD', 'too many instruments') : ok(found);
      }
      case 'session':
        return ok({ live: true });
      default:
        return this.undocumented(404);
    }
  }

  #place(request: SimulatedRequest): SimulatedReply {
    const { faults } = request;
    return withBody(placeSchema, request.body, (wanted) => {
      // The lie has to look true: an id that the book will never show.
      if (skipped(faults)) return ok({ order_id: 'N999999' });
      return this.#answer(
        this.#book.place(wanted, {
          keepTag: faultOf(faults, 'empty-tag') === null,
          rejectLater: faultOf(faults, 'reject-later')?.message ?? null,
          foreign: false,
        }),
      );
    });
  }

  #answer(done: ReturnType<NeutralBook['place']>): SimulatedReply {
    if ('refusal' in done) return this.refusal(done.refusal.code, done.refusal.message);
    return ok({ order_id: done.order.order_id });
  }

  #orders(faults: readonly Fault[]): readonly unknown[] {
    if (faultOf(faults, 'empty-read') !== null) return [];
    if (faultOf(faults, 'stale-read') !== null) return this.#book.ordersBefore();
    const orders = this.#book.orders();
    if (faultOf(faults, 'unknown-word') === null) return orders;
    return orders.map((order) => ({ ...order, type: 'iceberg' }));
  }
}

const skipped = (faults: readonly Fault[]): boolean => faultOf(faults, 'ok-but-not-done') !== null;

const textHeader = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value[0] : value;

const idOf = (path: string): string => ORDER_PATH.exec(path)?.[1] ?? '';

const withBody = <T>(
  schema: z.ZodType<T>,
  body: Buffer,
  act: (value: T) => SimulatedReply,
): SimulatedReply => {
  let json: unknown;
  try {
    json = JSON.parse(body.toString('utf8'));
  } catch {
    return error(400, 'INVALID_BODY', 'the body is not JSON');
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return act(parsed.data);
  const field = parsed.error.issues[0]?.path.join('.') ?? 'body';
  return error(400, 'INVALID_FIELD', `invalid ${field}`);
};
