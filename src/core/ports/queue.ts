import type { AccountId, OrderId } from '../domain/ids';

export type Lane = 'urgent' | 'normal';

/** A pointer to a ledger row; carries nothing that the row does not have. */
export interface CommandPointer {
  readonly accountId: AccountId;
  readonly orderId: OrderId;
  readonly n: number;
  readonly attempt: number;
}

/** What the handler found: done with the pointer, or no slot in the bucket for `waitMs`. */
export type HandlerResult =
  { readonly kind: 'done' } | { readonly kind: 'wait'; readonly waitMs: number };

/** Two lanes per account. Losing everything in it, or running a pointer twice, changes nothing. */
export interface CommandQueue {
  /** Adding the same pointer again while it waits does nothing. @throws GatewayError STORE_UNAVAILABLE */
  add(lane: Lane, pointers: readonly CommandPointer[]): Promise<void>;
  /** Serves one account's two lanes until closed. */
  work(
    account: AccountId,
    handler: (pointer: CommandPointer, lane: Lane) => Promise<HandlerResult>,
  ): Promise<QueueWorker>;
  depth(account: AccountId): Promise<Readonly<Record<Lane, number>>>;
  close(): Promise<void>;
}

export interface QueueWorker {
  /** Waits for running handlers, then stops. */
  close(): Promise<void>;
}

/** At most one holder of `name` over all processes; `run` is told when the lease is lost. */
export interface Leases {
  /** True while this process holds `name`; renews on each call. */
  hold(name: string, ttlMs: number): Promise<boolean>;
  release(name: string): Promise<void>;
}
