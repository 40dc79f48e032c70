import type { AccountId, EpochMs } from '../domain/ids';
import type { CredentialField } from './broker';

/** Where a secret belongs. It is bound into the ciphertext, which opens nowhere else. */
export interface SecretPlace {
  readonly accountId: AccountId;
  /** For example `apiSecret` or `session-token`. */
  readonly field: string;
}

/** Encrypts under the account's data key. */
export interface SecretBox {
  /** Text that may be stored anywhere; each call gives another one. */
  seal(place: SecretPlace, text: string): Promise<string>;
  /** @throws GatewayError SECRET_UNREADABLE when it was sealed for another place or under another master key, or was changed */
  open(place: SecretPlace, sealed: string): Promise<string>;
}

/** Encrypts what only the login role may open. Whoever seals cannot open again. */
export interface LoginSeal {
  sealForLogin(place: SecretPlace, text: string): Promise<string>;
}

/** Opens what a LoginSeal closed. Made only for code that runs with the role `login`. */
export interface LoginReader {
  /** @throws GatewayError SECRET_UNREADABLE */
  open(place: SecretPlace, sealed: string): Promise<string>;
}

/** One stored field of an account; `sealed` opens only through the vault. */
export interface StoredCredential {
  readonly field: string;
  readonly secrecy: CredentialField['secrecy'];
  readonly sealed: string;
  readonly updatedAt: EpochMs;
}

/** Sealed credentials beside the orders. */
export interface CredentialStore {
  credentials(account: AccountId): Promise<readonly StoredCredential[]>;
  /**
   * Writes these fields and leaves the others. False, and nothing written, when the data key by which
   * they were sealed was forgotten meanwhile: seal them again.
   */
  saveCredentials(account: AccountId, fields: readonly StoredCredential[]): Promise<boolean>;
  /** Deletes the credentials and the data key: whatever was sealed for the account opens no more. */
  forgetAccount(account: AccountId): Promise<void>;
  /** A number per account that grows with each change, also of another process. */
  credentialRevisions(): Promise<ReadonlyMap<AccountId, number>>;
}
