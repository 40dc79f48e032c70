import type { Decimal, EpochMs } from '../../core/domain/ids';
import type { Exchange, Instrument } from '../../core/domain/instrument';
import type { InstrumentLookup } from '../../core/ports/broker';
import type { MarketData } from '../../core/ports/market';

/** Where the underlying of a contract is quoted, the likelier first. */
const SPOT_EXCHANGES: Readonly<Partial<Record<Exchange, readonly Exchange[]>>> = {
  NFO: ['NSE_INDEX', 'NSE'],
  BFO: ['BSE_INDEX', 'BSE'],
};

export interface Spot {
  readonly price: Decimal;
  readonly kind: 'index' | 'share';
}
/** The price of a contract's underlying now; null when there is none, as for commodities. */
export type SpotOf = (contract: Instrument) => Spot | null;

const underlyingOf = (instruments: InstrumentLookup, contract: Instrument): Instrument | null => {
  for (const exchange of SPOT_EXCHANGES[contract.exchange] ?? []) {
    const found = instruments.find({ exchange, symbol: contract.underlying });
    if (found !== null) return found;
  }
  return null;
};

/** The underlying's price at an instant that is not after the market's now. */
export const spotAt = (
  instruments: InstrumentLookup,
  market: MarketData,
  contract: Instrument,
  at: EpochMs,
): Spot | null => {
  const underlying = underlyingOf(instruments, contract);
  if (underlying === null) return null;
  const price = market.priceAt(underlying, at);
  return price === null ? null : { price, kind: underlying.kind === 'index' ? 'index' : 'share' };
};
