import { GatewayError } from '../domain/errors';
import type { EpochMs } from '../domain/ids';
import type { Side } from '../domain/order';
import type { BasketRequest } from '../orders/service-types';
import type { ChartinkSettings, Mapping, StrategySettings } from './settings';
import { requireTime } from './trading-times';

type Leg = BasketRequest['legs'][number];

const invalid = (field: string, message: string): GatewayError =>
  new GatewayError('VALIDATION', `${field}: ${message}`, { field });

const terms = (mapping: Mapping, side: Side, quantity: number): Leg['terms'] => ({
  instrument: { exchange: mapping.exchange, symbol: mapping.symbol },
  side,
  product: mapping.product,
  timeInForce: 'DAY',
  orderType: 'MARKET',
  limitPrice: null,
  triggerPrice: null,
  quantity,
  disclosedQuantity: 0,
});

const entry = (mapping: Mapping, side: Side, quantity: number, strategy: string): Leg => ({
  terms: terms(mapping, side, quantity),
  strategy,
  smart: null,
});

/** A market order to `position`, worked out at the send; flat and wanted flat sends nothing unless `flatQuantity` says so. */
const target = (
  mapping: Mapping,
  side: Side,
  position: number,
  flatQuantity: number,
  strategy: string,
): Leg => ({
  terms: terms(mapping, side, Math.max(Math.abs(position), flatQuantity, 1)),
  strategy,
  smart: { position, flatQuantity },
});

/** The order that closes whatever is held of a mapped symbol. The side is worked out at the send. */
export const closing = (mapping: Mapping, strategy: string): Leg =>
  target(mapping, 'SELL', 0, 0, strategy);

/** One strategy alert. */
export interface StrategySignal {
  readonly symbol: string;
  readonly side: Side;
  /** Signed; null: the alert has none. */
  readonly positionSize: number | null;
}

/**
 * The order that a strategy alert asks for, by the table of the OpenAlgo contract (section 15.2).
 * @throws GatewayError VALIDATION, WEBHOOK_SCOPE, WEBHOOK_WINDOW
 */
export const strategyLeg = (
  settings: StrategySettings,
  signal: StrategySignal,
  strategy: string,
  at: EpochMs,
): Leg => {
  const { mode } = settings;
  const { symbol, side, positionSize } = signal;
  const mapping = settings.mappings.find((candidate) => candidate.symbol === symbol);
  if (mapping === undefined) throw invalid('symbol', `${symbol} is not mapped in this strategy.`);
  if (positionSize !== null && Math.abs(positionSize) > settings.maxQuantity) {
    throw new GatewayError(
      'WEBHOOK_SCOPE',
      `position_size: this strategy may use at most ${settings.maxQuantity}.`,
      { field: 'position_size' },
    );
  }
  if (mode === 'BOTH') {
    if (positionSize === null) throw invalid('position_size', 'is required in the mode BOTH.');
    if (side === 'BUY' ? positionSize < 0 : positionSize > 0) {
      throw invalid('position_size', `has the wrong sign for ${side}.`);
    }
    requireTime(settings.intraday, positionSize === 0, at);
    // Flat and wanted flat must send nothing: with 0 there is no quantity to send.
    const flatQuantity = positionSize === 0 ? 0 : mapping.quantity;
    return target(mapping, side, positionSize, flatQuantity, strategy);
  }
  const isEntry = side === (mode === 'LONG' ? 'BUY' : 'SELL');
  requireTime(settings.intraday, !isEntry, at);
  if (!isEntry) return target(mapping, side, 0, 0, strategy);
  const size = Math.abs(positionSize ?? 0);
  return entry(mapping, side, size === 0 ? mapping.quantity : size, strategy);
};

/** What the name of a scan asks for; the words are looked for in this order. */
const SCAN_WORDS = [
  { word: 'BUY', side: 'BUY', isEntry: true },
  { word: 'SELL', side: 'SELL', isEntry: false },
  { word: 'SHORT', side: 'SELL', isEntry: true },
  { word: 'COVER', side: 'BUY', isEntry: false },
] as const;

/**
 * The orders of one ChartInk alert: one for each mapped symbol among `stocks`, in their order, each
 * symbol once; none when none is mapped. @throws GatewayError VALIDATION, WEBHOOK_WINDOW
 */
export const chartinkLegs = (
  settings: ChartinkSettings,
  alert: { readonly scanName: string; readonly stocks: readonly string[] },
  strategy: string,
  at: EpochMs,
): readonly Leg[] => {
  const scan = alert.scanName.toUpperCase();
  const meaning = SCAN_WORDS.find(({ word }) => scan.includes(word));
  if (meaning === undefined) {
    throw invalid('scan_name', 'must contain BUY, SELL, SHORT or COVER.');
  }
  requireTime(settings.intraday, !meaning.isEntry, at);
  return [...new Set(alert.stocks)].flatMap((symbol) => {
    const mapping = settings.mappings.find((candidate) => candidate.symbol === symbol);
    if (mapping === undefined) return [];
    return meaning.isEntry
      ? [entry(mapping, meaning.side, mapping.quantity, strategy)]
      : [target(mapping, meaning.side, 0, 0, strategy)];
  });
};
