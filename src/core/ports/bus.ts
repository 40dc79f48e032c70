import type { ErrorCode } from '../domain/error-codes';
import type { AccountId, OrderId } from '../domain/ids';

/** What happened, for whoever waits or watches. Never the truth itself: that is the ledger. */
export type BusMessage =
  | { readonly kind: 'order'; readonly accountId: AccountId; readonly orderId: OrderId }
  | {
      readonly kind: 'command';
      readonly accountId: AccountId;
      readonly orderId: OrderId;
      readonly n: number;
    }
  | { readonly kind: 'hint'; readonly accountId: AccountId }
  /** The books were compared with the ledger: entries may go. */
  | { readonly kind: 'reconciled'; readonly accountId: AccountId }
  /** The account has another token now, or none: look it up. */
  | { readonly kind: 'session'; readonly accountId: AccountId }
  /** The broker's books were read, or could not be. */
  | {
      readonly kind: 'read';
      readonly accountId: AccountId;
      readonly fault: { readonly code: ErrorCode; readonly message: string } | null;
    }
  | {
      readonly kind: 'alarm';
      readonly accountId: AccountId;
      readonly name: string;
      readonly text: string;
    };

export interface Bus {
  /** Local listeners hear it at once, other processes soon; a lost message costs time, never truth. */
  publish(message: BusMessage): void;
  subscribe(listener: (message: BusMessage) => void): () => void;
}
