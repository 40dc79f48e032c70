import { istIso } from '../../core/domain/time';
import type { HookKind } from '../../core/ports/webhook-store';
import type { Hook, NewSecret } from '../../core/webhooks/hooks';
import { shownSettings } from '../admin/webhook-settings';

type Shown = Readonly<Record<string, unknown>>;

/** The path to which a sender posts. */
export const pathOf = (kind: HookKind, hookId: string, secret: string): string =>
  kind === 'alert' ? `/webhook/${hookId}` : `/${kind}/webhook/${secret}`;

/** A hook with its tokens, without any secret. */
export const shownHook = (hook: Hook, now: number): Shown => ({
  id: hook.hookId,
  label: hook.label,
  kind: hook.kind,
  account: hook.accountId,
  active: hook.active,
  created_at: istIso(hook.createdAt),
  settings: shownSettings(hook.settings),
  tokens: hook.tokens.map((token) => ({
    token_id: token.tokenId,
    created_at: istIso(token.createdAt),
    expires_at: token.expiresAt === null ? null : istIso(token.expiresAt),
    live: token.expiresAt === null || token.expiresAt > now,
  })),
});

/** What is shown this once. Where the URL is the secret there is no token beside it. */
export const shownSecret = (hook: Pick<Hook, 'hookId' | 'kind'>, made: NewSecret): Shown => ({
  token_id: made.tokenId,
  path: pathOf(hook.kind, hook.hookId, made.secret),
  ...(hook.kind === 'alert' ? { token: made.secret } : {}),
  signing_key: made.signingKey,
});
