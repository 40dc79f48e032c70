import type { AccountId } from '../domain/ids';

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
