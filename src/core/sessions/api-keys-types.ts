/** What a key may do; trade includes read, admin includes neither. */
export type Scope = 'read' | 'trade' | 'admin';

export interface ApiKey {
  readonly keyId: string;
  readonly label: string;
  readonly scopes: readonly Scope[];
  /** Calls per second. */
  readonly ratePerSecond: number;
}

export interface ApiKeys {
  /** The key behind `secret`, or null when it is unknown or revoked; takes the same time either way. */
  verify(secret: string): Promise<ApiKey | null>;
  /** Makes a key; its 64 hex characters are returned once and stored only as a hash. */
  create(
    label: string,
    scopes: readonly Scope[],
    ratePerSecond: number,
  ): Promise<{ readonly key: ApiKey; readonly secret: string }>;
  list(): Promise<
    readonly (ApiKey & { readonly createdAt: number; readonly revokedAt: number | null })[]
  >;
  revoke(keyId: string): Promise<boolean>;
}
