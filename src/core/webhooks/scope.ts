import { GatewayError } from '../domain/errors';
import { instrumentKey } from '../domain/instrument';
import type { OrderTerms, SmartTarget } from '../domain/order';
import type { EpochMs } from '../domain/ids';
import { istTime } from '../domain/time';
import type { AlertSettings } from './settings';

/** What a hook's token wants to do, before any order exists. */
export interface WantedOrder {
  readonly terms: OrderTerms;
  /** The quantity that the body named; 0 only for a smart order. */
  readonly quantity: number;
  readonly smart: SmartTarget | null;
}

const outside = (field: string, message: string): GatewayError =>
  new GatewayError('WEBHOOK_SCOPE', `${field}: ${message}`, { field });

/**
 * Lets pass only what the settings allow. A smart order may turn out either side and is worked out
 * at the send, so it needs both sides; the largest quantity bounds its target and its own quantity.
 * @throws GatewayError WEBHOOK_SCOPE, which names the field, or WEBHOOK_WINDOW
 */
export const requireInScope = (settings: AlertSettings, wanted: WantedOrder, at: EpochMs): void => {
  const { terms, smart } = wanted;
  const { window } = settings;
  if (window !== null) {
    const now = istTime(at).slice(0, 5);
    const inside =
      window.from <= window.until
        ? window.from <= now && now < window.until
        : window.from <= now || now < window.until;
    if (!inside) {
      throw new GatewayError(
        'WEBHOOK_WINDOW',
        `This webhook takes calls from ${window.from} until ${window.until} IST.`,
      );
    }
  }
  const key = instrumentKey(terms.instrument);
  if (settings.symbols !== null && !settings.symbols.some((id) => instrumentKey(id) === key)) {
    throw outside('symbol', 'this webhook may not trade it.');
  }
  if (!settings.products.includes(terms.product)) {
    throw outside('product', 'this webhook may not use it.');
  }
  if (!settings.orderTypes.includes(terms.orderType)) {
    throw outside('pricetype', 'this webhook may not use it.');
  }
  if (!settings.sides.includes(terms.side)) {
    throw outside('action', `this webhook may not ${terms.side}.`);
  }
  const atMost = `this webhook may use at most ${settings.maxQuantity}.`;
  if (wanted.quantity > settings.maxQuantity) throw outside('quantity', atMost);
  if (smart === null) return;
  if (!settings.smart || settings.sides.length < 2) {
    throw outside('position_size', 'this webhook may not place smart orders.');
  }
  if (Math.abs(smart.position) > settings.maxQuantity) throw outside('position_size', atMost);
};
