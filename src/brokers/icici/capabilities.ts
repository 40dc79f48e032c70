import type { Capabilities } from '../../core/ports/broker';
import { ICICI_INTERVALS } from './history';

/** What Breeze takes from us, and what it gives back. */
export const capabilities: Capabilities = {
  // Market orders are prohibited: one goes as a limit beyond the last price (market-price.ts). A stop
  // needs its limit.
  orderTypes: { MARKET: 'emulated', LIMIT: 'native', STOP_LIMIT: 'native', STOP_MARKET: 'none' },
  products: ['DELIVERY', 'CARRY_FORWARD'],
  withheld: {
    INTRADAY:
      'ICICI does not let its Margin and Option Plus products (MIS) be traded through the API; use CNC or NRML',
  },
  timesInForce: ['DAY', 'IOC'],
  canModify: true,
  // `user_remark` came back empty in published answers.
  clientTag: { maxLength: 20, allowed: /^[A-Za-z0-9]+$/, echo: 'sometimes' },
  // Back-end time-outs were seen after which an order stood in the book.
  commandTimeoutMs: 20_000,
  ownSymbols: true,
  intervals: ICICI_INTERVALS,
  // A reading costs a call for each of four exchanges, of 100 a minute and 5,000 a day.
  bookPace: { soonMs: 3_000, pollMs: 20_000, idleMs: 120_000, positionsMs: 30_000 },
  simulated: false,
};
