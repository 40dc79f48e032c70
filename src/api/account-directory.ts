import type { Account } from '../core/domain/account';
import type { BrokerId } from '../core/domain/ids';
import type { Clock } from '../core/ports/clock';
import type { ApiDeps } from './deps';

const FRESH_MS = 1000;

/** The accounts as of at most a second ago, for pacing and for labels; never for deciding about an order. */
export class AccountDirectory {
  readonly #deps: Pick<ApiDeps, 'ledger' | 'brokers'>;
  readonly #clock: Clock;
  #accounts: Promise<readonly Account[]> | null = null;
  #readAt = 0;

  constructor(deps: Pick<ApiDeps, 'ledger' | 'brokers'>, clock: Clock) {
    this.#deps = deps;
    this.#clock = clock;
  }

  /** The account behind an id or label (null: the default one), or null when there is none. */
  async find(named: string | null): Promise<Account | null> {
    const accounts = await this.#read();
    const byId = accounts.find((account) =>
      named === null ? account.isDefault : account.accountId === named,
    );
    return byId ?? accounts.find((account) => account.label === named) ?? null;
  }

  /** `{simulated: true}` for an account whose prices are made up, otherwise nothing. */
  marks(account: Account): { readonly simulated?: true } {
    const facts = this.#deps.brokers.find((broker) => broker.id === account.broker);
    return facts?.capabilities.simulated === true ? { simulated: true } : {};
  }

  /** The broker whose master names the account's instruments; null when our own symbols do. */
  symbolsOf(account: Account): BrokerId | null {
    const facts = this.#deps.brokers.find((broker) => broker.id === account.broker);
    return facts?.capabilities.ownSymbols === true ? account.broker : null;
  }

  forget(): void {
    this.#accounts = null;
  }

  #read(): Promise<readonly Account[]> {
    const now = this.#clock.monotonic();
    if (this.#accounts === null || now - this.#readAt > FRESH_MS) {
      this.#readAt = now;
      const reading = this.#deps.ledger.accounts();
      this.#accounts = reading;
      // A failed read must not be remembered.
      reading.catch(() => {
        if (this.#accounts === reading) this.#accounts = null;
      });
    }
    return this.#accounts;
  }
}
