import type { AccountId } from '../domain/ids';
import type { OrderState } from '../domain/order-state';

export type Stage = 'accept' | 'queue' | 'bucket' | 'broker' | 'total';

/** What the core reports about itself. Labels are bounded; no user text and no secret goes in. */
export interface Metrics {
  orderMoved(account: AccountId, state: OrderState): void;
  commandSettled(account: AccountId, kind: string, outcome: string): void;
  stage(account: AccountId, stage: Stage, seconds: number): void;
  inDoubt(account: AccountId, count: number, oldestSeconds: number): void;
  bucketFill(account: AccountId, rule: string, fraction: number): void;
  brokerCall(account: AccountId, callClass: string, result: string): void;
  alarm(account: AccountId, name: string): void;
}
