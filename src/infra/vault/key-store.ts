import type { AccountId, EpochMs } from '../../core/domain/ids';
import type { MasterKeyKind, ScryptFacts } from './master-key';

/** What the ledger file says about its master key. */
export interface VaultFacts {
  readonly masterKeyId: string;
  readonly kind: MasterKeyKind;
  readonly scrypt: ScryptFacts | null;
  /** A known text under the master key. */
  readonly check: string;
  /** Of the login secrets; base64url. */
  readonly publicKey: string;
  /** The private half, wrapped by the master key. */
  readonly wrappedPrivateKey: string;
}

/** The key of one account, wrapped by the master key. */
export interface WrappedDataKey {
  readonly accountId: AccountId;
  readonly keyId: string;
  readonly wrapped: string;
  readonly masterKeyId: string;
}

export interface Rewrapped {
  readonly facts: VaultFacts;
  readonly dataKeys: readonly WrappedDataKey[];
}

/** The wrapped keys in the ledger file. */
export interface KeyStore {
  /** Null: the vault is not founded yet. */
  vaultFacts(): Promise<VaultFacts | null>;
  /** Writes the facts unless there are some; those that now hold. */
  found(facts: VaultFacts, at: EpochMs): Promise<VaultFacts>;
  dataKey(account: AccountId): Promise<WrappedDataKey | null>;
  dataKeys(): Promise<readonly WrappedDataKey[]>;
  /**
   * Writes the key unless the account has one; the one that now holds. Null, and nothing written, when
   * it is not wrapped by the master key of now.
   */
  addDataKey(key: WrappedDataKey, at: EpochMs): Promise<WrappedDataKey | null>;
  /** Replaces every wrapped key in one transaction; `work` must not wait and may throw. */
  rewrap(
    work: (facts: VaultFacts, dataKeys: readonly WrappedDataKey[]) => Rewrapped,
    at: EpochMs,
  ): Promise<void>;
  /** Forgets every secret and the founding of the vault; the accounts that had credentials. */
  clearVault(): Promise<readonly AccountId[]>;
}
