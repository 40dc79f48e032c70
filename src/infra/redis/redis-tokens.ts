import type { Redis } from 'ioredis';
import { z } from 'zod';
import { epochMs } from '../../core/domain/ids';
import type { AccountId } from '../../core/domain/ids';
import type { SealedSession, SharedSessions } from '../../core/ports/tokens';

const entrySchema = z.object({
  sealed: z.string(),
  startedAt: z.number(),
  expiresAt: z.number(),
});

/** Sealed sessions in Redis, which drops each by itself when it expires. */
export class RedisSessions implements SharedSessions {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  async read(account: AccountId): Promise<SealedSession | null> {
    const text = await this.#redis.get(key(account));
    const entry = text === null ? null : readEntry(text);
    if (entry === null) return null;
    return {
      accountId: account,
      sealed: entry.sealed,
      startedAt: epochMs(entry.startedAt),
      expiresAt: epochMs(entry.expiresAt),
    };
  }

  async keep(session: SealedSession, forMs: number): Promise<void> {
    const { sealed, startedAt, expiresAt } = session;
    const text = JSON.stringify({ sealed, startedAt, expiresAt });
    await this.#redis.set(key(session.accountId), text, 'PX', Math.max(1, Math.ceil(forMs)));
  }

  async forget(account: AccountId): Promise<void> {
    await this.#redis.del(key(account));
  }
}

/** Null for what is no entry of ours: then the ledger's copy takes its place. */
const readEntry = (text: string): z.infer<typeof entrySchema> | null => {
  try {
    return entrySchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
};

const key = (account: AccountId): string => `toran:session:${account}`;
