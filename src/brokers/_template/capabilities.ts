import type { Capabilities } from '../../core/ports/broker';

/** Everything is promised, so that no card is skipped until you know that the broker lacks it. */
export const capabilities: Capabilities = {
  orderTypes: { MARKET: 'native', LIMIT: 'native', STOP_LIMIT: 'native', STOP_MARKET: 'native' },
  products: ['DELIVERY', 'INTRADAY', 'CARRY_FORWARD'],
  timesInForce: ['DAY', 'IOC'],
  canModify: true,
  clientTag: { maxLength: 20, allowed: /^[A-Za-z0-9-]+$/, echo: 'always' },
  commandTimeoutMs: 5_000,
  simulated: false,
};
