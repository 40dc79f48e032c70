import { describe, expect, it } from '@jest/globals';
import { decimal } from '../../../src/core/domain/decimal';
import { brokerId, isoDate } from '../../../src/core/domain/ids';
import type { Instrument } from '../../../src/core/domain/instrument';
import { cashInstrument } from '../../../src/core/instruments/cash-symbol';
import { joinMasters } from '../../../src/core/instruments/join';
import { contractInstrument } from '../../../src/core/instruments/symbol';
import type { ListedInstrument, MasterReading } from '../../../src/core/ports/master';

const share = (changes: Partial<Instrument> = {}): Instrument => ({
  ...cashInstrument({
    exchange: 'NSE',
    symbol: 'SBIN',
    name: 'STATE BANK OF INDIA',
    lotSize: 1,
    tickSize: decimal('0.05'),
    freezeQuantity: null,
  }),
  ...changes,
});
const crude = (changes: Partial<Instrument> = {}): Instrument => ({
  ...contractInstrument(
    { kind: 'future', base: 'CRUDEOIL', expiry: isoDate('2026-08-19'), strike: null, right: null },
    {
      exchange: 'MCX',
      name: 'CRUDEOIL',
      lotSize: 100,
      tickSize: decimal('1'),
      freezeQuantity: null,
    },
  ),
  ...changes,
});

const listed = (instrument: Instrument, brokerSymbol: string, token: string): ListedInstrument => ({
  instrument,
  brokerSymbol,
  brokerExchange: instrument.exchange,
  token,
});
const reading = (
  broker: string,
  all: readonly ListedInstrument[],
  day = '2026-07-30',
): MasterReading => ({
  broker: brokerId(broker),
  asOf: isoDate(day),
  listed: all,
  skipped: new Map(),
});

describe('masters of one day', () => {
  it('are joined by exchange and symbol, and keep what each broker calls the instrument', () => {
    const { instruments, asOf } = joinMasters([
      reading('one', [listed(share(), 'SBIN', '779521'), listed(crude(), 'CRUDEOIL26AUGFUT', '7')]),
      // The same token as SBIN has there, on another instrument: tokens join nothing.
      reading('two', [
        listed(share(), 'STABAN', '3045'),
        listed(share({ symbol: 'GONE', underlying: 'GONE' }), 'GONE', '779521'),
      ]),
    ]);
    expect(asOf).toBe('2026-07-30');
    const names = instruments.map(({ instrument, listings }) => [
      instrument.symbol,
      listings.map(({ broker, brokerSymbol, token }) => `${broker} ${brokerSymbol} ${token}`),
    ]);
    expect(names).toEqual([
      ['SBIN', ['one SBIN 779521', 'two STABAN 3045']],
      ['CRUDEOIL19AUG26FUT', ['one CRUDEOIL26AUGFUT 7']],
      ['GONE', ['two GONE 779521']],
    ]);
  });

  it('are refused when they are of two days, of one broker, none, or list a symbol twice', () => {
    const one = reading('one', [listed(share(), 'SBIN', '1')]);
    const later = reading('two', [listed(share(), 'SBIN', '1')], '2026-07-31');
    expect(() => joinMasters([one, later])).toThrow(
      'join: one is of 2026-07-30 and two of 2026-07-31; masters of one day only',
    );
    expect(() => joinMasters([one, one])).toThrow('join: one is there twice');
    expect(() => joinMasters([])).toThrow('there is no master');
    const double = reading('one', [listed(share(), 'A', '1'), listed(share(), 'B', '2')]);
    expect(() => joinMasters([double])).toThrow('join: one lists NSE:SBIN twice');
  });

  it('fill each other where one does not state tick or lot', () => {
    const { instruments, conflicts, withoutTick } = joinMasters([
      reading('one', [
        listed(share({ tickSize: decimal('0') }), 'STABAN', '3045'),
        listed(crude({ lotSize: 0 }), 'CRUDEOIL26AUGFUT', '7'),
      ]),
      reading('two', [listed(share(), 'SBIN-EQ', '3045'), listed(crude(), 'CRUDE', '8')]),
    ]);
    expect(instruments.map(({ instrument }) => [instrument.tickSize, instrument.lotSize])).toEqual([
      ['0.05', 1],
      ['1', 100],
    ]);
    // What each master said stays with its listing.
    expect(instruments[0]?.listings.map(({ tickSize }) => tickSize)).toEqual(['0', '0.05']);
    expect(instruments[1]?.listings.map(({ lotSize }) => lotSize)).toEqual([0, 100]);
    expect([conflicts, withoutTick]).toEqual([[], 0]);
  });

  it('leave out a contract whose lot nobody states, and keep a share whose tick nobody states', () => {
    const { instruments, withoutLot, withoutTick } = joinMasters([
      reading('one', [
        listed(share({ tickSize: decimal('0') }), 'STABAN', '3045'),
        listed(crude({ lotSize: 0 }), 'CRUDEOIL26AUGFUT', '7'),
      ]),
    ]);
    expect(instruments.map(({ instrument }) => instrument.symbol)).toEqual(['SBIN']);
    expect(withoutTick).toBe(1);
    expect(withoutLot.map(({ instrument }) => instrument.symbol)).toEqual(['CRUDEOIL19AUG26FUT']);
  });

  it('list a conflict with both values; the first master wins, of freeze quantities the lowest', () => {
    const { instruments, conflicts } = joinMasters([
      reading('one', [
        listed(crude({ lotSize: 100, tickSize: decimal('1'), freezeQuantity: 10_000 }), 'C', '7'),
      ]),
      reading('two', [
        listed(crude({ lotSize: 10, tickSize: decimal('0.5'), freezeQuantity: 5_000 }), 'D', '8'),
      ]),
    ]);
    expect(instruments[0]?.instrument).toMatchObject({
      lotSize: 100,
      tickSize: '1',
      freezeQuantity: 5000,
    });
    const said = conflicts.map(({ key, field, said: all, taken }) => [
      key,
      field,
      all.map(({ broker, value }) => `${broker} ${value}`),
      taken,
    ]);
    expect(said).toEqual([
      ['MCX:CRUDEOIL19AUG26FUT', 'lotSize', ['one 100', 'two 10'], '100'],
      ['MCX:CRUDEOIL19AUG26FUT', 'tickSize', ['one 1', 'two 0.5'], '1'],
      ['MCX:CRUDEOIL19AUG26FUT', 'freezeQuantity', ['one 10000', 'two 5000'], '5000'],
    ]);
  });

  it('take the lot of a small company from the master that knows lots, without a conflict', () => {
    const { instruments, conflicts } = joinMasters([
      reading('one', [listed(share({ lotSize: 1 }), 'A', '1')]),
      reading('two', [listed(share({ lotSize: 1200 }), 'B', '1')]),
    ]);
    expect(instruments[0]?.instrument.lotSize).toBe(1200);
    expect(conflicts).toEqual([]);
  });

  it('do not put a share and an index of one name together', () => {
    const { instruments, conflicts } = joinMasters([
      reading('one', [listed(share(), 'A', '1')]),
      reading('two', [listed(share({ kind: 'index' }), 'B', '1')]),
    ]);
    expect(instruments[0]?.listings.map(({ broker }) => broker)).toEqual(['one']);
    expect(conflicts).toMatchObject([{ key: 'NSE:SBIN', field: 'kind', taken: 'equity' }]);
  });

  it('take limits of the exchange for contracts, never below a lot, never for shares', () => {
    const limits = (limit: number) =>
      joinMasters(
        [reading('one', [listed(crude(), 'C', '7'), listed(share(), 'S', '8')])],
        (exchange, underlying) =>
          underlying === 'SBIN' || (exchange === 'MCX' && underlying === 'CRUDEOIL') ? limit : null,
      ).instruments.map(({ instrument }) => instrument.freezeQuantity);
    expect(limits(10_000)).toEqual([10_000, null]);
    expect(limits(99)).toEqual([null, null]);
    expect(limits(1)).toEqual([null, null]);
  });
});
