import type { Account } from '../domain/account';
import type { Fill } from '../domain/command';
import type { Decimal } from '../domain/ids';
import type { Order } from '../domain/order';
import type { Funds, HoldingReport, PositionReport } from '../ports/broker';

/** A fill with the order it belongs to. */
export interface BookedFill {
  readonly fill: Fill;
  readonly order: Order;
  /** Rupees of brokerage, taxes and fees; absent when the broker does not say. */
  readonly charges?: Decimal;
}

/** What an account holds and did today (IST). `account`: id or label, null for the default one. */
export interface Books {
  account(account: string | null): Promise<Account>;
  /** The account whose books belong to that name now: its practice twin while new orders go there. */
  shown(account: string | null): Promise<{ readonly account: Account; readonly practice: boolean }>;
  orders(account: string | null): Promise<readonly Order[]>;
  fills(account: string | null): Promise<readonly BookedFill[]>;
  positions(account: string | null): Promise<readonly PositionReport[]>;
  holdings(account: string | null): Promise<readonly HoldingReport[]>;
  funds(account: string | null): Promise<Funds>;
}
