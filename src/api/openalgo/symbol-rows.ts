import { z } from 'zod';
import { GatewayError } from '../../core/domain/errors';
import type { IsoDate } from '../../core/domain/ids';
import { MONTHS } from '../../core/domain/time';
import type { CatalogueEntry } from '../../core/ports/catalogue';
import type { JsonObject } from '../route';

/** `DD-MMM-YY`: the form of an expiry in answers; empty without one. */
export const expiryText = (date: IsoDate | null): string =>
  date === null
    ? ''
    : `${date.slice(8, 10)}-${(MONTHS[Number(date.slice(5, 7)) - 1] ?? '').toUpperCase()}-${date.slice(2, 4)}`;

/** The eleven keys of `instruments`, in the order of its CSV columns. */
export const instrumentSchema = z.object({
  symbol: z.string(),
  brsymbol: z.string().meta({
    description: 'symbol of the account’s broker; empty when its master does not list it',
  }),
  name: z.string(),
  exchange: z.string(),
  brexchange: z.string(),
  token: z.string(),
  expiry: z.string().meta({ description: 'DD-MMM-YY, or empty' }),
  strike: z.number().meta({ description: '0 when it is no option' }),
  lotsize: z.int(),
  instrumenttype: z.enum(['EQ', 'INDEX', 'FUT', 'CE', 'PE']),
  tick_size: z.number(),
});

/** Keys of `symbol` and `search`. */
export const symbolSchema = instrumentSchema.extend({
  freeze_qty: z.int().meta({ description: '1 when it is not known' }),
});

export type InstrumentRow = z.output<typeof instrumentSchema>;
type InstrumentType = InstrumentRow['instrumenttype'];

const typeOf = ({ kind, right }: CatalogueEntry['instrument']): InstrumentType => {
  switch (kind) {
    case 'equity':
      return 'EQ';
    case 'index':
      return 'INDEX';
    case 'future':
      return 'FUT';
    case 'option':
      if (right === null) throw new GatewayError('INTERNAL', 'an option without a right');
      return right;
  }
};

/** `ownSymbols`: the account's broker names instruments by its master; otherwise our names are its names. */
export const instrumentRow = (
  { instrument, listing }: CatalogueEntry,
  ownSymbols: boolean,
): InstrumentRow => {
  const { symbol, exchange } = instrument;
  const names = ownSymbols
    ? {
        brsymbol: listing?.brokerSymbol ?? '',
        brexchange: listing?.brokerExchange ?? '',
        token: listing?.token ?? '',
      }
    : { brsymbol: symbol, brexchange: exchange, token: symbol };
  return {
    symbol,
    brsymbol: names.brsymbol,
    name: instrument.name,
    exchange,
    brexchange: names.brexchange,
    token: names.token,
    expiry: expiryText(instrument.expiry),
    // A strike and a tick have few digits: the number is the one that was written.
    strike: Number(instrument.strike ?? 0),
    lotsize: instrument.lotSize,
    instrumenttype: typeOf(instrument),
    tick_size: Number(instrument.tickSize),
  };
};

/** The same with `freeze_qty`, which is 1 when the limit is not known: the contract has no other word for it. */
export const symbolRow = (
  entry: CatalogueEntry,
  ownSymbols: boolean,
): InstrumentRow & { readonly freeze_qty: number } => ({
  ...instrumentRow(entry, ownSymbols),
  freeze_qty: entry.instrument.freezeQuantity ?? 1,
});

export const exampleInstrument: JsonObject = {
  symbol: 'NIFTY28OCT25FUT',
  brsymbol: 'NIFTY28OCT25FUT',
  name: 'NIFTY 50',
  exchange: 'NFO',
  brexchange: 'NFO',
  token: 'NIFTY28OCT25FUT',
  expiry: '28-OCT-25',
  strike: 0,
  lotsize: 75,
  instrumenttype: 'FUT',
  tick_size: 0.1,
};
