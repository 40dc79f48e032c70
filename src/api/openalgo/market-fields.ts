import { z } from 'zod';
import { EXCHANGES } from '../../core/domain/instrument';
import { oneOf, text } from '../fields';
import type { FailureExample } from '../route';
import { readFailures } from './reads';

/** Fields that name one instrument. */
export const symbolFields = { symbol: text(1, 50), exchange: oneOf(EXCHANGES) };

/** One item of `multiquotes`. */
export const symbolItem = z.object(symbolFields);

export const unknownSymbol: FailureExample = {
  name: 'Unknown symbol',
  status: 400,
  body: {
    status: 'error',
    message: 'symbol: there is no NOPE on NSE.',
    code: 'UNKNOWN_SYMBOL',
    field: 'symbol',
  },
};

/** How a read of prices can end badly. */
export const marketFailures: readonly FailureExample[] = [
  unknownSymbol,
  {
    name: 'No price',
    status: 404,
    body: {
      status: 'error',
      message: 'NSE:SBIN: no trade is recorded before this instant.',
      code: 'NO_PRICE',
    },
  },
  {
    name: 'Broker without quotes',
    status: 501,
    body: {
      status: 'error',
      message: 'Example broker (example) gives no quotes.',
      code: 'UNSUPPORTED',
      correlation_id: '7f0c1b9a5d2e4f60',
    },
  },
  ...readFailures,
];
