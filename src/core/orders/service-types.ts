import type { Command } from '../domain/command';
import type { AccountId, OrderId } from '../domain/ids';
import type { InstrumentId } from '../domain/instrument';
import type { ModifiableTerms, Order, OrderTerms, SmartTarget } from '../domain/order';
import type { ReceivedCall } from '../ports/webhook-store';

/** Who asks, as the API proved it. */
export interface Caller {
  readonly apiKeyId: string;
  readonly correlationId: string;
  /** How long the caller waits for the outcome, milliseconds. */
  readonly waitMs: number;
  /** The call as it came, when its sender may repeat it without a client order id. */
  readonly received?: ReceivedCall;
}

export interface PlaceRequest {
  /** Account id or label; null is the default account. */
  readonly account: string | null;
  readonly terms: OrderTerms;
  readonly strategy: string;
  /** Null: no protection against the caller's own retry. */
  readonly clientOrderId: string | null;
  /** Set for a smart order: side and quantity of the terms are worked out at the send. */
  readonly smart?: SmartTarget;
  /** A person's word that this reduces a position although doubt hides it; audited. */
  readonly forceExit?: boolean;
}
/** Several orders that are written in one transaction under one key. */
export interface BasketRequest {
  readonly account: string | null;
  readonly clientOrderId: string | null;
  /** SELL legs are sent only once every BUY leg is accepted by the broker. */
  readonly sellsAfterBuys: boolean;
  readonly legs: readonly {
    readonly terms: OrderTerms;
    readonly strategy: string;
    /** Set for a smart order: side and quantity of the terms are worked out at the send. */
    readonly smart: SmartTarget | null;
    /** A person's word that the leg reduces a position although doubt hides it; audited. */
    readonly forceExit?: boolean;
  }[];
  /** The legs are children of one order: judged by their sum, entry or exit together. */
  readonly split?: boolean;
}
export interface ModifyRequest {
  readonly account: string | null;
  /** Ours or the broker's. */
  readonly orderId: string;
  readonly change: ModifiableTerms;
  /** What the caller believes the order is; a difference is refused. */
  readonly expected: {
    readonly instrument: InstrumentId;
    readonly side: Order['terms']['side'];
    readonly product: Order['terms']['product'];
  };
}
export interface CancelAllRequest {
  readonly account: string | null;
  /** Only orders of this strategy; null: all, also those placed elsewhere. */
  readonly strategy: string | null;
}
/** A cancellation that failed, or that is not settled yet, and why. */
export interface OpenCancellation {
  readonly order: Order;
  readonly message: string;
}
export interface CancelAllAnswer {
  readonly account: AccountId;
  readonly practice: boolean;
  readonly canceled: readonly Order[];
  readonly failed: readonly OpenCancellation[];
  /** Remembered, waiting, or sent without a certain answer. */
  readonly pending: readonly OpenCancellation[];
  /** Open orders on the other side of the live switch, which were left alone. */
  readonly leftAlone: number;
}
export interface CancelRequest {
  readonly account: string | null;
  readonly orderId: string;
}

/** The order as it stands when the wait ended, and the command that the call made. */
export interface CommandAnswer {
  readonly order: Order;
  /** Null when the call was settled without one (a replay, or a queued order changed in place). */
  readonly command: Command | null;
  /** The same client order id and request were seen before. */
  readonly replayed: boolean;
}

/** The one way in for orders, whatever posted them. Throws GatewayError for what was refused. */
export interface OrderService {
  place(request: PlaceRequest, caller: Caller): Promise<CommandAnswer>;
  /** One answer per leg, in the order of the legs. */
  placeBasket(request: BasketRequest, caller: Caller): Promise<readonly CommandAnswer[]>;
  modify(request: ModifyRequest, caller: Caller): Promise<CommandAnswer>;
  cancel(request: CancelRequest, caller: Caller): Promise<CommandAnswer>;
  /** Cancels what is open where the account's new orders go now; queued orders first, without a call. */
  cancelAll(request: CancelAllRequest, caller: Caller): Promise<CancelAllAnswer>;
  /** In the account or in its practice twin. @throws GatewayError ORDER_NOT_FOUND */
  find(account: string | null, id: string): Promise<Order>;
  resolve(
    id: OrderId,
    verdict: { readonly adopt: string } | { readonly notPlaced: string },
    actor: string,
  ): Promise<Order>;
}
