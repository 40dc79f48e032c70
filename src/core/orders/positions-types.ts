import type { AccountId } from '../domain/ids';
import type { InstrumentId } from '../domain/instrument';
import type { Product, Side } from '../domain/order';
import type { Caller, CommandAnswer } from './service-types';

export interface CloseAllRequest {
  readonly account: string | null;
  readonly strategy: string;
  /** Null: no protection against the caller's own retry (though a position is never exited twice). */
  readonly clientOrderId: string | null;
}

/** Part of a position that was not closed, and why. */
export interface LeftOpen {
  readonly instrument: InstrumentId;
  readonly product: Product;
  readonly side: Side;
  readonly quantity: number;
  readonly code: string;
  readonly message: string;
}

export interface CloseAllAnswer {
  readonly account: AccountId;
  readonly practice: boolean;
  /** Positions that were open. */
  readonly positions: number;
  /** One per exit order, BUY before SELL. */
  readonly orders: readonly CommandAnswer[];
  readonly left: readonly LeftOpen[];
  readonly replayed: boolean;
}

export interface OpenPosition {
  readonly account: AccountId;
  readonly practice: boolean;
  /** Signed, as the broker reports it; orders under way are not counted. */
  readonly quantity: number;
}

/** Calls about positions that the broker is asked for afresh. */
export interface Positions {
  /** Exits every position at the market. @throws GatewayError POSITION_UNKNOWN, or what the broker's read threw; nothing was stored then */
  closeAll(request: CloseAllRequest, caller: Caller): Promise<CloseAllAnswer>;
  /** @throws GatewayError UNKNOWN_SYMBOL, or what the broker's read threw; never 0 for unknown */
  open(account: string | null, instrument: InstrumentId, product: Product): Promise<OpenPosition>;
}
