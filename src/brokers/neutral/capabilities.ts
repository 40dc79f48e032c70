import type { Capabilities } from '../../core/ports/broker';

/** What the neutral broker can do: every order type natively, and it always gives our tag back. */
export const capabilities: Capabilities = {
  orderTypes: { MARKET: 'native', LIMIT: 'native', STOP_LIMIT: 'native', STOP_MARKET: 'native' },
  products: ['DELIVERY', 'INTRADAY', 'CARRY_FORWARD'],
  timesInForce: ['DAY', 'IOC'],
  canModify: true,
  clientTag: { maxLength: 20, allowed: /^[A-Za-z0-9-]+$/, echo: 'always' },
  commandTimeoutMs: 2_000,
  simulated: true,
};

/** The same broker as one whose orders are real money, for tests and drills of the live switch. */
export const liveCapabilities: Capabilities = { ...capabilities, liveSwitch: true };

/** The same broker as one whose book may lose the tag. */
export const taglessCapabilities: Capabilities = {
  ...capabilities,
  clientTag: { maxLength: 20, allowed: /^[A-Za-z0-9-]+$/, echo: 'sometimes' },
};
