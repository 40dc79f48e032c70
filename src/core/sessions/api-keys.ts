import { createHash, timingSafeEqual } from 'node:crypto';
import { GatewayError } from '../domain/errors';
import type { Clock, Random } from '../ports/clock';
import type { ApiKeyRow, Ledger } from '../ports/ledger';
import type { ApiKey, ApiKeys, Scope } from './api-keys-types';

const KEY_BYTES = 32;
const ID_BYTES = 6;
/** How long a revocation made by another process may go unseen here. */
const FRESH_MS = 1000;
/** Keys unknown to a list younger than this are not looked up again: a flood of wrong keys reads nothing. */
const MISS_MS = 100;

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** A plain hash is enough because the key itself is 256 random bits: there is nothing to guess. */
const hashOf = (secret: string): Buffer => createHash('sha256').update(secret, 'utf8').digest();

const keyOf = (row: ApiKeyRow): ApiKey => ({
  keyId: row.keyId,
  label: row.label,
  scopes: row.scopes,
  ratePerSecond: row.ratePerSecond,
});

type KeyLedger = Pick<Ledger, 'apiKeys' | 'addApiKey' | 'revokeApiKey'>;

/** API keys in the ledger, where only their hashes are. */
export class LedgerApiKeys implements ApiKeys {
  readonly #ledger: KeyLedger;
  readonly #clock: Clock;
  readonly #random: Random;
  #rows: readonly ApiKeyRow[] = [];
  #readAt: number | null = null;
  /** Counts our own changes, so that a read begun before one is not kept after it. */
  #changes = 0;

  constructor(ledger: KeyLedger, clock: Clock, random: Random) {
    this.#ledger = ledger;
    this.#clock = clock;
    this.#random = random;
  }

  async verify(secret: string): Promise<ApiKey | null> {
    const hash = hashOf(secret);
    const known = match(await this.#atMost(FRESH_MS), hash);
    // A key made by another process a moment ago is not in a list read before that.
    return known ?? match(await this.#atMost(MISS_MS), hash);
  }

  async create(
    label: string,
    scopes: readonly Scope[],
    ratePerSecond: number,
  ): Promise<{ readonly key: ApiKey; readonly secret: string }> {
    if (scopes.length === 0) {
      throw new GatewayError('VALIDATION', 'scopes: name at least one.', { field: 'scopes' });
    }
    const secret = hex(this.#random.bytes(KEY_BYTES));
    const row: ApiKeyRow = {
      keyId: `k-${hex(this.#random.bytes(ID_BYTES))}`,
      label,
      hash: hashOf(secret).toString('hex'),
      scopes,
      ratePerSecond,
      createdAt: this.#clock.now(),
      revokedAt: null,
    };
    await this.#ledger.addApiKey(row);
    this.#forget();
    return { key: keyOf(row), secret };
  }

  async list(): Promise<
    readonly (ApiKey & { readonly createdAt: number; readonly revokedAt: number | null })[]
  > {
    const rows = await this.#ledger.apiKeys();
    return rows.map((row) => ({
      ...keyOf(row),
      createdAt: row.createdAt,
      revokedAt: row.revokedAt,
    }));
  }

  async revoke(keyId: string): Promise<boolean> {
    const revoked = await this.#ledger.revokeApiKey(keyId, this.#clock.now());
    this.#forget();
    return revoked;
  }

  /** The rows, read again when older than `ageMs`. */
  async #atMost(ageMs: number): Promise<readonly ApiKeyRow[]> {
    const now = this.#clock.monotonic();
    if (this.#readAt === null || now - this.#readAt > ageMs) {
      const changes = this.#changes;
      const rows = await this.#ledger.apiKeys();
      if (changes !== this.#changes) return this.#ledger.apiKeys();
      this.#rows = rows;
      this.#readAt = now;
    }
    return this.#rows;
  }

  #forget(): void {
    this.#changes += 1;
    this.#readAt = null;
  }
}

/** Compares with every row, in constant time each, so that time tells nothing about which or whether. */
const match = (rows: readonly ApiKeyRow[], hash: Buffer): ApiKey | null => {
  let found: ApiKey | null = null;
  for (const row of rows) {
    const stored = Buffer.from(row.hash, 'hex');
    const same = stored.length === hash.length && timingSafeEqual(stored, hash);
    if (same && row.revokedAt === null) found = keyOf(row);
  }
  return found;
};
