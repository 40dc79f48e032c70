import type { AccountId, EpochMs, IsoDate, OrderId } from '../domain/ids';

/** Who posts to a hook: senders with a token of ours, strategy alerts, or ChartInk. */
export const HOOK_KINDS = ['alert', 'strategy', 'chartink'] as const;
export type HookKind = (typeof HOOK_KINDS)[number];

/** One secret of a hook; the secret itself is nowhere. */
export interface HookTokenRow {
  readonly tokenId: string;
  /** SHA-256 of the secret, hex. */
  readonly hash: string;
  readonly createdAt: EpochMs;
  /** When it stops working; null: not before it is replaced. */
  readonly expiresAt: EpochMs | null;
}

export interface HookRow {
  /** Public name of the hook: a UUID. */
  readonly hookId: string;
  readonly label: string;
  readonly kind: HookKind;
  readonly accountId: AccountId;
  readonly active: boolean;
  /** JSON value; core/webhooks/settings.ts knows its shape. */
  readonly settings: unknown;
  readonly createdAt: EpochMs;
  readonly tokens: readonly HookTokenRow[];
}

/** A call of a sender that may send the same bytes again when it hears no good answer. */
export interface ReceivedCall {
  /** New for every call. */
  readonly callId: string;
  /** SHA-256 of who sent it and its raw bytes, hex. */
  readonly callKey: string;
  readonly at: EpochMs;
  /**
   * Whether the call of that id is being answered, or has just been: this process knows it of its own
   * calls. Of another process's it is `maybe` for as long as an answer may take, then no.
   */
  isOpen(callId: string, receivedAt: EpochMs): boolean | 'maybe';
}

/** How the square-off of one hook on one day stands. */
export interface SquareOffRow {
  readonly hookId: string;
  readonly day: IsoDate;
  /** `trying`: some leg was refused and is tried again. */
  readonly state: 'trying' | 'done' | 'missed';
  /** Finished attempts. */
  readonly attempts: number;
  readonly at: EpochMs;
}

/**
 * Hooks and what was received through them. Writing methods return when the rows are on disk.
 * @throws GatewayError STORE_UNAVAILABLE when the file stays locked or the disk refuses
 */
export interface WebhookStore {
  /** Hooks that were not removed, oldest first; with all their tokens. */
  hooks(): Promise<readonly HookRow[]>;
  /** @throws GatewayError ALREADY_EXISTS when a hook has this label */
  addHook(hook: HookRow): Promise<void>;
  /** False when there is no such hook. */
  updateHook(
    hookId: string,
    change: { readonly active?: boolean; readonly settings?: unknown },
  ): Promise<boolean>;
  /** Ends the hook and its tokens for good; false when there is no such hook. */
  removeHook(hookId: string, at: EpochMs): Promise<boolean>;
  /** Adds a token; those that live longer end at `othersUntil`. False when there is no such hook. */
  rotateToken(hookId: string, token: HookTokenRow, othersUntil: EpochMs): Promise<boolean>;
  /** Ends one token now; false when it has ended or there is none. */
  endToken(hookId: string, tokenId: string, at: EpochMs): Promise<boolean>;
  /** Notes what a received call was answered. Not synced: losing it only makes a repeat likelier to be seen as one. */
  markAnswered(callId: string, status: number, at: EpochMs): Promise<void>;
  squareOff(hookId: string, day: IsoDate): Promise<SquareOffRow | null>;
  saveSquareOff(row: SquareOffRow): Promise<void>;
  /** Orders of the account that the caller of that name made in [from, until). */
  ordersMade(
    account: AccountId,
    caller: string,
    from: EpochMs,
    until: EpochMs,
  ): Promise<readonly OrderId[]>;
}
