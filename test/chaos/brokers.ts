import { ICICI_LIMITS } from '../../src/simulators/icici/limits';
import { SAMPLE_USER } from '../../src/simulators/icici/simulator';

export const BROKERS = ['neutral', 'neutral-tagless', 'icici'] as const;
/** Through which adapter the runs go; `icici` meets the Breeze simulator, the others the neutral one. */
export type Broker = (typeof BROKERS)[number];

/** Minutes of Breeze would make each run a quarter of an hour: all its times are this many times shorter. */
export const BREEZE_HASTE = 40;
const MINUTE_MS = 60_000;

/** The simulator's limits in the same haste; those of a second and a day stay. */
export const BREEZE_LIMITS = ICICI_LIMITS.map((limit) =>
  limit.windowMs === MINUTE_MS ? { ...limit, windowMs: limit.windowMs / BREEZE_HASTE } : limit,
);

/** Of every share, in rupees. */
export const LAST_PRICE = '100';

/** Orders that a broker takes. */
export interface Habits {
  readonly product: 'MIS' | 'CNC';
  /** One of these is drawn for each order. */
  readonly priceTypes: readonly ('MARKET' | 'LIMIT' | 'SL' | 'SL-M')[];
  /** The limit as which a MARKET order goes at the price of `LAST_PRICE`; null: as it is. */
  readonly marketLimits: { readonly BUY: number; readonly SELL: number } | null;
}

export const habitsOf = (broker: Broker): Habits =>
  broker === 'icici'
    ? {
        product: 'CNC',
        priceTypes: ['MARKET', 'MARKET', 'LIMIT', 'SL'],
        marketLimits: { BUY: 103, SELL: 97 },
      }
    : {
        product: 'MIS',
        priceTypes: ['MARKET', 'MARKET', 'LIMIT', 'SL', 'SL-M'],
        marketLimits: null,
      };

const [APP] = SAMPLE_USER.apps;
/** The one customer of the Breeze simulator. */
export const BREEZE = {
  login: SAMPLE_USER.userId,
  credentials: { apiKey: APP?.appKey, apiSecret: APP?.secretKey },
  /** The number of each login, as a person would paste it. */
  numbers: ['55512345', '55512346', '55512347'],
} as const;
