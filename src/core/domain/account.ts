import type { AccountId, BrokerId } from './ids';

/** One login at one broker. Everything in Toran is keyed by its id. */
export interface Account {
  readonly accountId: AccountId;
  readonly broker: BrokerId;
  /** The login id at the broker; for the paper broker a free name. */
  readonly login: string;
  readonly label: string;
  /** Plain OpenAlgo calls without `account` go to the one default account. */
  readonly isDefault: boolean;
  /** Why new entries are stopped; null when they are not. */
  readonly stoppedReason: string | null;
  /** The owner said that new orders may go to the real market; without meaning at a simulated broker. */
  readonly live: boolean;
  /** Set for a practice twin: the account whose new orders it takes while that one is not live. */
  readonly twinOf: AccountId | null;
}
