import type { Redis } from 'ioredis';
import type { Account } from './core/domain/account';
import type { Bus } from './core/ports/bus';
import type { Clock, Random } from './core/ports/clock';
import type { Logger } from './core/ports/logger';
import type { Metrics } from './core/ports/metrics';
import type { Leases } from './core/ports/queue';
import type { TokenStore } from './core/ports/tokens';
import type { SecretBox } from './core/ports/vault';
import type { Accounts } from './core/sessions/accounts';
import { BrokerReads } from './core/sessions/broker-reads';
import { createLogins } from './core/sessions/logins';
import type { CredentialState } from './core/sessions/credentials';
import type { Logins } from './core/sessions/logins';
import { createReadiness } from './core/sessions/readiness';
import type { Readiness } from './core/sessions/readiness';
import { createSessionGate } from './core/sessions/session-gate';
import type { SessionGate } from './core/sessions/session-gate';
import { SealedTokenStore } from './core/sessions/token-store';
import { SqliteSessions } from './infra/ledger/sqlite-sessions';
import { RedisSessions } from './infra/redis/redis-tokens';

interface Shared {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** The tokens of all accounts. */
export const openTokens = (
  deps: Shared & {
    readonly random: Random;
    readonly redis: Redis;
    readonly ledgerFile: string;
    readonly box: SecretBox;
  },
): TokenStore => {
  const rows = new SqliteSessions(deps.ledgerFile, deps.clock, deps.random);
  return new SealedTokenStore({ ...deps, rows, shared: new RedisSessions(deps.redis) });
};

/** Everything about sessions that stands on the accounts. */
export interface Sessions {
  readonly gate: SessionGate;
  readonly logins: Logins;
  readonly readiness: Readiness;
}

export const createSessions = (
  deps: Shared & {
    readonly accounts: Accounts;
    readonly tokens: TokenStore;
    readonly leases: Leases;
    readonly outgoingAddress: string | null;
    /** Which of the declared credentials are stored. */
    readonly credentials: (account: Account) => Promise<CredentialState>;
  },
): Sessions => {
  const { accounts, tokens, bus, clock } = deps;
  const gate = createSessionGate(accounts, tokens, clock);
  const reads = new BrokerReads(bus, clock);
  const logins = createLogins(deps);
  return { gate, logins, readiness: createReadiness({ ...deps, gate, reads, logins }) };
};
