import type { Capabilities } from '../../core/ports/broker';

/** What the paper broker can do. It keeps every tag, as the strictest real broker does. */
export const paperCapabilities: Capabilities = {
  orderTypes: {
    MARKET: 'native',
    LIMIT: 'native',
    STOP_LIMIT: 'native',
    STOP_MARKET: 'native',
  },
  products: ['DELIVERY', 'INTRADAY', 'CARRY_FORWARD'],
  timesInForce: ['DAY', 'IOC'],
  canModify: true,
  clientTag: { maxLength: 20, allowed: /^[A-Za-z0-9-]+$/, echo: 'always' },
  commandTimeoutMs: 2_000,
  simulated: true,
};
