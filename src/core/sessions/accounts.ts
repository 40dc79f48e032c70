import type { Account } from '../domain/account';
import { GatewayError } from '../domain/errors';
import { accountId, brokerId } from '../domain/ids';
import type { AccountId } from '../domain/ids';
import type { BrokerClient, BrokerModule, BrokerPorts, RateRule } from '../ports/broker';
import type { Clock } from '../ports/clock';
import type { Ledger } from '../ports/ledger';

/** One account with the module and the one client that this process uses for it. */
export interface OpenAccount {
  readonly account: Account;
  readonly module: BrokerModule;
  readonly client: BrokerClient;
  readonly rateRules: readonly RateRule[];
}

export interface NewAccount {
  readonly broker: string;
  readonly login: string;
  readonly label: string;
}

/** What the module of `account` needs to be created: its credentials and its ports. */
export interface AccountWiring {
  credentials(account: Account, module: BrokerModule): Promise<unknown>;
  ports(account: Account): BrokerPorts;
}

/** How long a client that was renewed stays open for the calls that it has under way: longer than any may take. */
const RETIRE_MS = 30_000;
/** How old the list may be by which a call finds its account. */
const LIST_FRESH_MS = 250;
/** The broker at which practice twins are, and how their ids begin. */
const TWIN_BROKER = 'paper';
const TWIN_PREFIX = 'paper-twin-';
const LOGIN_TEXT = /^[A-Za-z0-9][A-Za-z0-9-]{0,30}$/;

/** The accounts of this instance and the broker client of each. */
export class Accounts {
  readonly #ledger: Ledger;
  readonly #clock: Clock;
  readonly #modules: readonly BrokerModule[];
  readonly #wiring: AccountWiring;
  readonly #open = new Map<AccountId, Promise<OpenAccount>>();
  /** Renewed clients that still finish calls. */
  readonly #retired = new Set<Promise<OpenAccount>>();
  #listed: { readonly at: number; readonly accounts: readonly Account[] } | null = null;
  readonly #rules = new Map<AccountId, readonly RateRule[]>();
  readonly #listeners = new Set<(account: Account) => void>();

  constructor(
    ledger: Ledger,
    clock: Clock,
    modules: readonly BrokerModule[],
    wiring: AccountWiring,
  ) {
    this.#ledger = ledger;
    this.#clock = clock;
    this.#modules = modules;
    this.#wiring = wiring;
  }

  list(): Promise<readonly Account[]> {
    return this.#ledger.accounts();
  }

  /** The accounts as they were at most LIST_FRESH_MS ago. */
  async #recent(): Promise<readonly Account[]> {
    const now = this.#clock.monotonic();
    if (this.#listed !== null && now - this.#listed.at < LIST_FRESH_MS)
      return this.#listed.accounts;
    const accounts = await this.#ledger.accounts();
    this.#listed = { at: now, accounts };
    return accounts;
  }

  /** The account of that id or label; null selects the default one. @throws GatewayError ACCOUNT_UNKNOWN */
  async resolve(selector: string | null): Promise<Account> {
    const wanted = (account: Account): boolean =>
      selector === null
        ? account.isDefault
        : account.accountId === selector || account.label === selector;
    // An order that names no account must not go to one that was the default a moment ago. Whether entries
    // are stopped is read anew in the transaction that writes an order.
    if (selector === null) this.#listed = null;
    const recent = (await this.#recent()).find(wanted);
    if (recent !== undefined) return recent;
    this.#listed = null;
    const found = (await this.#recent()).find(wanted);
    if (found !== undefined) return found;
    throw new GatewayError(
      'ACCOUNT_UNKNOWN',
      selector === null ? 'account: no default account is set' : `account: no account ${selector}`,
      { field: 'account' },
    );
  }

  /** The module of a broker that a person named. @throws GatewayError VALIDATION with the known ones */
  moduleOf(broker: string): BrokerModule {
    const module = this.#modules.find((candidate) => candidate.id === broker);
    if (module !== undefined) return module;
    const known = this.#modules.map((candidate) => candidate.id).join(', ');
    throw new GatewayError('VALIDATION', `broker: must be one of ${known}`, { field: 'broker' });
  }

  module(account: Account): BrokerModule {
    const module = this.#modules.find((candidate) => candidate.id === account.broker);
    if (module === undefined) {
      throw new GatewayError('INTERNAL', `no module for broker ${account.broker}`);
    }
    return module;
  }

  /** Whether new orders of the account need its owner's word to go to the real market. */
  needsLive(account: Account): boolean {
    if (account.twinOf !== null) return false;
    const { simulated, liveSwitch } = this.module(account).capabilities;
    return liveSwitch ?? !simulated;
  }

  /** The practice twin of the account, null while it has none. */
  async knownTwin(account: Account): Promise<Account | null> {
    const isTwin = (one: Account): boolean => one.twinOf === account.accountId;
    const recent = (await this.#recent()).find(isTwin);
    if (recent !== undefined) return recent;
    this.#listed = null;
    return (await this.#recent()).find(isTwin) ?? null;
  }

  /** The practice twin of the account, made on first use. @throws GatewayError ALREADY_EXISTS when another account has its name */
  async twin(account: Account): Promise<Account> {
    const known = await this.knownTwin(account);
    if (known !== null) return known;
    const id = `${TWIN_PREFIX}${account.accountId}`;
    const twin: Account = {
      accountId: accountId(id),
      broker: brokerId(TWIN_BROKER),
      login: `twin-${account.accountId}`,
      label: id,
      isDefault: false,
      stoppedReason: null,
      live: false,
      twinOf: account.accountId,
    };
    try {
      await this.#ledger.addAccount(twin, this.#clock.now());
    } catch (error) {
      // Another process may have made it in between.
      const made = await this.knownTwin(account);
      if (made === null) throw error;
      return made;
    }
    this.#listed = null;
    for (const listener of this.#listeners) listener(twin);
    return twin;
  }

  /** The rate rules that hold for the account: its client's own, else its module's. */
  rateRules(account: Account): readonly RateRule[] {
    return this.#rules.get(account.accountId) ?? this.module(account).rateRules;
  }

  /** The account with its client, created on first use. */
  open(account: Account): Promise<OpenAccount> {
    const known = this.#open.get(account.accountId);
    if (known !== undefined) return known;
    const opening = this.#create(account);
    this.#open.set(account.accountId, opening);
    opening.catch(() => {
      if (this.#open.get(account.accountId) === opening) this.#open.delete(account.accountId);
    });
    return opening;
  }

  /**
   * Ends the client of the account, whose credentials changed: the next `open` makes another, or says
   * what is missing. Calls under way finish on the old one, which is closed half a minute later.
   */
  renew(id: AccountId): void {
    const old = this.#open.get(id);
    if (old === undefined) return;
    this.#open.delete(id);
    this.#retired.add(old);
    this.#clock.after(RETIRE_MS, () => {
      if (this.#retired.delete(old)) void closeOne(old);
    });
  }

  /** Adds an account; the first one becomes the default. @throws GatewayError VALIDATION, ALREADY_EXISTS */
  async add(wanted: NewAccount): Promise<Account> {
    this.moduleOf(wanted.broker);
    if (!LOGIN_TEXT.test(wanted.login)) {
      throw new GatewayError('VALIDATION', 'login: 1 to 31 letters, digits or dashes', {
        field: 'login',
      });
    }
    const first = (await this.#ledger.accounts()).length === 0;
    const account: Account = {
      accountId: accountId(`${wanted.broker}-${wanted.login}`.toLowerCase()),
      broker: brokerId(wanted.broker),
      login: wanted.login,
      label: wanted.label,
      isDefault: first,
      stoppedReason: null,
      live: false,
      twinOf: null,
    };
    await this.#ledger.addAccount(account, this.#clock.now());
    this.#listed = null;
    for (const listener of this.#listeners) listener(account);
    return account;
  }

  /** Calls `listener` for each account added by this process. */
  onAdded(listener: (account: Account) => void): void {
    this.#listeners.add(listener);
  }

  async close(): Promise<void> {
    const all = [...this.#open.values(), ...this.#retired];
    this.#retired.clear();
    await Promise.all(all.map(closeOne));
  }

  async #create(account: Account): Promise<OpenAccount> {
    const module = this.module(account);
    const parsed = module.credentials.safeParse(await this.#wiring.credentials(account, module));
    if (!parsed.success) {
      // Names only: what a schema says of a value may repeat it.
      const names = parsed.error.issues.map((issue) => issue.path.join('.')).join(', ');
      throw new GatewayError('NO_SESSION', `${module.title} cannot use its credentials: ${names}`);
    }
    const client = module.create(account.accountId, parsed.data, this.#wiring.ports(account));
    const rateRules = client.rateRules ?? module.rateRules;
    this.#rules.set(account.accountId, rateRules);
    return { account, module, client, rateRules };
  }
}

/** One that could not be opened has nothing to close. */
const closeOne = async (opening: Promise<OpenAccount>): Promise<void> => {
  const open = await opening.catch(() => null);
  await open?.client.close();
};
