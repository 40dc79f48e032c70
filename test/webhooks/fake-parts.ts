import type { WebhookParts } from '../../src/api/webhooks/parts';
import { GatewayError } from '../../src/core/domain/errors';
import type { Clock, Random } from '../../src/core/ports/clock';
import type { HookRow, WebhookStore } from '../../src/core/ports/webhook-store';
import { Hooks } from '../../src/core/webhooks/hooks';
import { share } from '../support/gateway-orders';

/** Hooks in memory, for tests whose subject is the HTTP layer. */
const memoryStore = (): WebhookStore => {
  const rows: HookRow[] = [];
  const change = (hookId: string, to: (row: HookRow) => HookRow): Promise<boolean> => {
    const at = rows.findIndex((row) => row.hookId === hookId);
    const row = rows[at];
    if (row !== undefined) rows[at] = to(row);
    return Promise.resolve(row !== undefined);
  };
  return {
    hooks: () => Promise.resolve([...rows]),
    addHook: (row) => {
      if (rows.some((known) => known.label === row.label)) {
        return Promise.reject(new GatewayError('ALREADY_EXISTS', 'label: exists'));
      }
      rows.push(row);
      return Promise.resolve();
    },
    updateHook: (hookId, to) => change(hookId, (row) => ({ ...row, ...to })),
    removeHook: (hookId) => {
      const at = rows.findIndex((row) => row.hookId === hookId);
      return Promise.resolve(at >= 0 && rows.splice(at, 1).length === 1);
    },
    rotateToken: (hookId, token, until) =>
      change(hookId, (row) => ({
        ...row,
        tokens: [...row.tokens.map((old) => ({ ...old, expiresAt: until })), token],
      })),
    endToken: (hookId, tokenId, at) =>
      change(hookId, (row) => ({
        ...row,
        tokens: row.tokens.map((old) =>
          old.tokenId === tokenId ? { ...old, expiresAt: at } : old,
        ),
      })),
    markAnswered: () => Promise.resolve(),
    squareOff: () => Promise.resolve(null),
    saveSquareOff: () => Promise.resolve(),
    ordersMade: () => Promise.resolve([]),
  };
};

/** The webhooks' part of the API over memory; every symbol is a share of lot 1. */
export const fakeWebhooks = (
  clock: Clock,
  random: Random,
  changes: Partial<WebhookParts> = {},
): WebhookParts => {
  const store = memoryStore();
  return {
    hooks: new Hooks(store, clock, random),
    store,
    instruments: { find: (id) => share(id) },
    waitMs: 2_500,
    trustedProxies: [],
    count: () => undefined,
    ...changes,
  };
};
