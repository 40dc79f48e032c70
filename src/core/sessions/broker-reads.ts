import type { ErrorCode } from '../domain/error-codes';
import type { AccountId, EpochMs } from '../domain/ids';
import type { Bus } from '../ports/bus';
import type { Clock } from '../ports/clock';

/** How the latest reads of an account's books went, in whichever process. */
export interface ReadFacts {
  /** When this process last heard of a read that went well. */
  readonly okAt: EpochMs | null;
  /** The read after that, when it failed. */
  readonly fault: {
    readonly at: EpochMs;
    readonly code: ErrorCode;
    readonly message: string;
  } | null;
}

const NEVER: ReadFacts = { okAt: null, fault: null };

/** Remembers what the readers of the books tell; one process reads for all. */
export class BrokerReads {
  readonly #facts = new Map<AccountId, ReadFacts>();
  readonly #stop: () => void;

  constructor(bus: Bus, clock: Clock) {
    this.#stop = bus.subscribe((message) => {
      if (message.kind !== 'read') return;
      const { accountId, fault } = message;
      const at = clock.now();
      this.#facts.set(
        accountId,
        fault === null
          ? { okAt: at, fault: null }
          : { okAt: this.of(accountId).okAt, fault: { at, ...fault } },
      );
    });
  }

  of(account: AccountId): ReadFacts {
    return this.#facts.get(account) ?? NEVER;
  }

  close(): void {
    this.#stop();
  }
}
