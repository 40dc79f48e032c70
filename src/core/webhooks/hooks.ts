import { createHash, timingSafeEqual } from 'node:crypto';
import { GatewayError } from '../domain/errors';
import type { AccountId } from '../domain/ids';
import { epochMs } from '../domain/ids';
import type { Clock, Random } from '../ports/clock';
import type { HookKind, HookRow, HookTokenRow, WebhookStore } from '../ports/webhook-store';
import { hookSettings } from './settings';
import type { HookSettings } from './settings';

const TOKEN_BYTES = 32;
const TOKEN_ID_BYTES = 6;
/** How long a change made by another process may go unseen here. */
const FRESH_MS = 1000;
/** A secret unknown to a list younger than this is not looked up again: a flood of wrong ones reads nothing. */
const MISS_MS = 100;

export interface Hook extends Omit<HookRow, 'settings'> {
  readonly settings: HookSettings;
}

/** A new secret; it is shown once. */
export interface NewSecret {
  readonly tokenId: string;
  /** The token of an `alert` hook, else the last part of the hook's URL. */
  readonly secret: string;
  /** The key for signing: the hash of the secret, as hex text. */
  readonly signingKey: string;
}

/** The hook that a secret opened, and the key that signs its calls. */
export interface Opened {
  readonly hook: Hook;
  readonly signingKey: string;
}

/** What orders of a hook carry in the place of an API key's id. */
export const hookCaller = (hookId: string): string => `hook:${hookId}`;

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
/** A plain hash is enough because the secret itself is random: there is nothing to guess. */
const hashOf = (secret: string): Buffer => createHash('sha256').update(secret, 'utf8').digest();

/** A random UUID (version 4). */
const uuid = (random: Random): string => {
  const bytes = random.bytes(16);
  const text = hex(
    bytes.map((byte, at) =>
      at === 6 ? (byte & 0x0f) | 0x40 : at === 8 ? (byte & 0x3f) | 0x80 : byte,
    ),
  );
  return text.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
};

const hookOf = (row: HookRow): Hook => ({ ...row, settings: hookSettings.parse(row.settings) });

/** The hooks of this instance. Their secrets are in the store only as hashes. */
export class Hooks {
  readonly #store: WebhookStore;
  readonly #clock: Clock;
  readonly #random: Random;
  #hooks: readonly Hook[] = [];
  #readAt: number | null = null;
  /** Counts our own changes, so that a read begun before one is not kept after it. */
  #changes = 0;

  constructor(store: WebhookStore, clock: Clock, random: Random) {
    this.#store = store;
    this.#clock = clock;
    this.#random = random;
  }

  /** All hooks that were not removed, also paused ones; as of at most a second ago. */
  list(): Promise<readonly Hook[]> {
    return this.#atMost(FRESH_MS);
  }

  /** @throws GatewayError WEBHOOK_NOT_FOUND */
  async find(hookId: string): Promise<Hook> {
    const found = (await this.#atMost(0)).find((hook) => hook.hookId === hookId);
    if (found === undefined) throw notFound();
    return found;
  }

  /**
   * The hook that `secret` opens, null when it opens none. `hookId` is the id that the URL names;
   * null where the secret itself is in the URL. Every stored hash is compared, so that neither an
   * unknown id nor a wrong secret can be told by the time it takes.
   */
  async open(kind: HookKind, hookId: string | null, secret: string): Promise<Opened | null> {
    const hash = hashOf(secret);
    const at = this.#clock.now();
    const known = match(await this.#atMost(FRESH_MS), kind, hookId, hash, at);
    return known ?? match(await this.#atMost(MISS_MS), kind, hookId, hash, at);
  }

  /** @throws GatewayError ALREADY_EXISTS */
  async add(
    label: string,
    accountId: AccountId,
    settings: HookSettings,
  ): Promise<{ readonly hook: Hook; readonly secret: NewSecret }> {
    const { secret, row } = this.#newToken(settings.kind);
    const hook: Hook = {
      hookId: uuid(this.#random),
      label,
      kind: settings.kind,
      accountId,
      active: true,
      settings: hookSettings.parse(settings),
      createdAt: this.#clock.now(),
      tokens: [row],
    };
    await this.#store.addHook(hook);
    this.#forget();
    return { hook, secret };
  }

  /** Makes a new secret; the others work `overlapMinutes` longer. @throws GatewayError WEBHOOK_NOT_FOUND */
  async rotate(hookId: string, overlapMinutes: number): Promise<NewSecret> {
    const { kind } = await this.find(hookId);
    const { secret, row } = this.#newToken(kind);
    const until = epochMs(this.#clock.now() + overlapMinutes * 60_000);
    if (!(await this.#store.rotateToken(hookId, row, until))) throw notFound();
    this.#forget();
    return secret;
  }

  /** Ends one secret now. @throws GatewayError WEBHOOK_NOT_FOUND when it has ended or there is none */
  async endToken(hookId: string, tokenId: string): Promise<void> {
    if (!(await this.#store.endToken(hookId, tokenId, this.#clock.now()))) {
      throw new GatewayError('WEBHOOK_NOT_FOUND', 'There is no live token of this id.');
    }
    this.#forget();
  }

  /** @throws GatewayError WEBHOOK_NOT_FOUND */
  async setActive(hookId: string, active: boolean): Promise<void> {
    if (!(await this.#store.updateHook(hookId, { active }))) throw notFound();
    this.#forget();
  }

  /** Replaces the settings as a whole; the kind stays. @throws GatewayError WEBHOOK_NOT_FOUND, VALIDATION */
  async setSettings(hookId: string, settings: HookSettings): Promise<void> {
    if ((await this.find(hookId)).kind !== settings.kind) {
      throw new GatewayError('VALIDATION', 'kind: a hook keeps its kind.', { field: 'kind' });
    }
    if (!(await this.#store.updateHook(hookId, { settings: hookSettings.parse(settings) }))) {
      throw notFound();
    }
    this.#forget();
  }

  /** @throws GatewayError WEBHOOK_NOT_FOUND */
  async remove(hookId: string): Promise<void> {
    if (!(await this.#store.removeHook(hookId, this.#clock.now()))) throw notFound();
    this.#forget();
  }

  #newToken(kind: HookKind): { readonly secret: NewSecret; readonly row: HookTokenRow } {
    const secret = kind === 'alert' ? hex(this.#random.bytes(TOKEN_BYTES)) : uuid(this.#random);
    const hash = hashOf(secret).toString('hex');
    const tokenId = `t-${hex(this.#random.bytes(TOKEN_ID_BYTES))}`;
    return {
      secret: { tokenId, secret, signingKey: hash },
      row: { tokenId, hash, createdAt: this.#clock.now(), expiresAt: null },
    };
  }

  async #atMost(ageMs: number): Promise<readonly Hook[]> {
    const now = this.#clock.monotonic();
    if (this.#readAt === null || ageMs === 0 || now - this.#readAt > ageMs) {
      const changes = this.#changes;
      const hooks = (await this.#store.hooks()).map(hookOf);
      if (changes !== this.#changes) return (await this.#store.hooks()).map(hookOf);
      this.#hooks = hooks;
      this.#readAt = now;
    }
    return this.#hooks;
  }

  #forget(): void {
    this.#changes += 1;
    this.#readAt = null;
  }
}

const notFound = (): GatewayError =>
  new GatewayError('WEBHOOK_NOT_FOUND', 'There is no webhook of this id.');

const match = (
  hooks: readonly Hook[],
  kind: HookKind,
  hookId: string | null,
  hash: Buffer,
  at: number,
): Opened | null => {
  let found: Opened | null = null;
  for (const hook of hooks) {
    for (const token of hook.tokens) {
      const stored = Buffer.from(token.hash, 'hex');
      const same = stored.length === hash.length && timingSafeEqual(stored, hash);
      const named = hook.kind === kind && (hookId === null || hook.hookId === hookId);
      const live = token.expiresAt === null || token.expiresAt > at;
      if (same && named && live) found = { hook, signingKey: token.hash };
    }
  }
  return found;
};
