import { describe, expect, it } from '@jest/globals';
import { strToU8 } from 'fflate';
import { readKiteMaster } from '../../../src/brokers/zerodha/master';
import { isoDate } from '../../../src/core/domain/ids';
import { keysOf, listedAs, skippedOf } from '../../support/master-readings';

const DAY = isoDate('2026-08-17');
const HEAD =
  'instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,tick_size,lot_size,instrument_type,segment,exchange';
const read = (...rows: string[]) => readKiteMaster(strToU8(`${[HEAD, ...rows].join('\n')}\n`), DAY);

describe('the instruments file', () => {
  it('gives contracts by the columns: the symbol of the broker says neither day nor strike', () => {
    const reading = read(
      '14866434,58072,NIFTY26AUGFUT,NIFTY,0.0,2026-08-25,0.0,0.1,65,FUT,NFO-FUT,NFO',
      '9000001,35156,NIFTY2681824500CE,"NIFTY",0,2026-08-18,24500,0.05,65,CE,NFO-OPT,NFO',
      '9000002,35157,SENSEX26O0176200CE,SENSEX,0.0,2026-10-01,76200.0,0.05,20,CE,BFO-OPT,BFO',
      '9000003,35158,ASHOKLEY26AUG172.5CE,ASHOKLEY,0.0,2026-08-25,172.5,0.01,5000,CE,NFO-OPT,NFO',
      '9000004,35159,SENSEX5026OCT26850PE,SENSEX50,0.0,2026-10-29,26850.0,0.05,75,PE,BFO-OPT,BFO',
      '9000005,35160,M&M26AUGFUT,M&M,0.0,2026-08-25,0.0,0.1,200,FUT,NFO-FUT,NFO',
    );
    expect(keysOf(reading)).toEqual([
      'NFO:NIFTY25AUG26FUT',
      'NFO:NIFTY18AUG2624500CE',
      'BFO:SENSEX01OCT2676200CE',
      'NFO:ASHOKLEY25AUG26172.5CE',
      'BFO:SENSEX5029OCT2626850PE',
      'NFO:M&M25AUG26FUT',
    ]);
    expect(listedAs(reading, 'NFO:NIFTY18AUG2624500CE')).toEqual({
      instrument: {
        exchange: 'NFO',
        symbol: 'NIFTY18AUG2624500CE',
        kind: 'option',
        name: 'NIFTY',
        underlying: 'NIFTY',
        expiry: '2026-08-18',
        strike: '24500',
        right: 'CE',
        lotSize: 65,
        tickSize: '0.05',
        freezeQuantity: null,
      },
      brokerSymbol: 'NIFTY2681824500CE',
      brokerExchange: 'NFO',
      token: '9000001',
    });
  });

  it('gives shares without their series, and bonds with it', () => {
    const reading = read(
      '738561,2885,RELIANCE,"RELIANCE, INDUSTRIES",0.0,,0.0,0.1,1,EQ,NSE,NSE',
      '4268801,16675,BAJAJ-AUTO,BAJAJ AUTO,0.0,,0.0,0.5,1,EQ,NSE,NSE',
      '2610177,10196,782GJ32-SG,SDL GJ 7.82% 2032,0.0,,0.0,0.01,100,EQ,NSE,NSE',
      '1,1,ACME-BE,,0.0,,0.0,0.05,1,EQ,NSE,NSE',
      '2,2,TINY-SM,TINY,0.0,,0.0,0.05,1200,EQ,NSE,NSE',
      '3,3,IBVENTURES-B,IB,0.0,,0.0,0.05,1,EQ,BSE,BSE',
      '4,4,TWOFL-FL,TWO,0.0,,0.0,0.05,1,EQ,BSE,BSE',
    );
    expect(keysOf(reading)).toEqual([
      'NSE:RELIANCE',
      'NSE:BAJAJ-AUTO',
      'NSE:782GJ32-SG',
      'NSE:ACME',
      'NSE:TINY',
      'BSE:IBVENTURES-B',
      'BSE:TWOFL-FL',
    ]);
    expect(listedAs(reading, 'NSE:RELIANCE').instrument.name).toBe('RELIANCE, INDUSTRIES');
    // 1,643 rows of the real file have no name.
    expect(listedAs(reading, 'NSE:ACME')).toMatchObject({
      instrument: { name: 'ACME', tickSize: '0.05' },
      brokerSymbol: 'ACME-BE',
    });
    expect(listedAs(reading, 'NSE:TINY').instrument.lotSize).toBe(1200);
  });

  it('gives indices, whose lot and tick are 0', () => {
    const reading = read(
      '256265,1001,NIFTY 50,NIFTY 50,0,,0,0,0,EQ,INDICES,NSE',
      '288009,1125,NIFTY MID SELECT,NIFTY MIDCAP SELECT (MIDCPNIFTY),0.0,,0.0,0.0,0,EQ,INDICES,NSE',
      '260873,1019,HANGSENG BEES-NAV,HANGSENG BEES-NAV,0.0,,0.0,0.0,0,EQ,INDICES,NSE',
      '265,1,SENSEX,SENSEX,0.0,,0.0,0.0,0,EQ,INDICES,BSE',
      '291849,1140,GIFT NIFTY,GIFT NIFTY,0.0,,0.0,0.0,0,EQ,INDICES,NSEIX',
    );
    expect(keysOf(reading)).toEqual([
      'NSE_INDEX:NIFTY',
      'NSE_INDEX:MIDCPNIFTY',
      'NSE_INDEX:HANGSENGBEES-NAV',
      'BSE_INDEX:SENSEX',
    ]);
    expect(skippedOf(reading)).toEqual({ 'exchange-unknown': 1 });
    expect(listedAs(reading, 'NSE_INDEX:NIFTY')).toMatchObject({
      instrument: { kind: 'index', lotSize: 1 },
      brokerSymbol: 'NIFTY 50',
    });
  });

  it('does not take its lot of 1 for the size of a contract where quantities count lots', () => {
    const reading = read(
      '1,1,CRUDEOIL26AUGFUT,CRUDEOIL,0,2026-08-19,0,1,1,FUT,MCX-FUT,MCX',
      '2,2,USDINR26AUGFUT,USDINR,0,2026-08-27,0,0.0025,1,FUT,CDS-FUT,CDS',
      '3,3,NIFTY26AUGFUT,NIFTY,0,2026-08-25,0,0.1,65,FUT,NFO-FUT,NFO',
    );
    expect(reading.listed.map(({ instrument }) => instrument.lotSize)).toEqual([0, 0, 65]);
  });

  it('of 2019 has its columns in another order, segment MCX, no underlying, and spreads', () => {
    const old = [
      'exchange,exchange_token,expiry,instrument_token,instrument_type,last_price,lot_size,name,segment,strike,tick_size,tradingsymbol',
      'MCX,217005,2020-01-03,55553287,FUT,0.0,1,,MCX,0.0,1.0,GOLDM20JANFUT',
      'MCX,213878,2020-01-29,54752775,CE,0.0,1,,MCX-OPT,36300.0,0.5,GOLD20JAN36300CE',
      'MCX,216456,2019-11-29,55412743,FUT,0.0,1,,MCX,0.0,1.0,SILVERMNOV19APR20FUT',
      'MCX,216457,2019-11-29,55412744,FUT,0.0,1,,MCX,0.0,1.0,ODDFUT',
    ].join('\r\n');
    const reading = readKiteMaster(strToU8(old), isoDate('2019-10-31'));
    expect(keysOf(reading)).toEqual(['MCX:GOLDM03JAN20FUT', 'MCX:GOLD29JAN2036300CE']);
    expect(skippedOf(reading)).toEqual({ 'calendar-spread': 1, 'underlying-unknown': 1 });
  });

  it('counts every row that cannot be read under what is wrong with it', () => {
    const reading = read(
      '1,1,A26AUGFUT,A,0,2026-13-25,0,0.1,65,FUT,NFO-FUT,NFO',
      '2,2,A26AUG0CE,A,0,2026-08-25,0,0.1,65,CE,NFO-OPT,NFO',
      '3,3,A26AUGFUT,A,0,2026-08-25,0,0.1,0,FUT,NFO-FUT,NFO',
      '4,4,A26AUGFUT,A,0,2026-08-25,0,,65,FUT,NFO-FUT,NFO',
      '5,5,A26AUGFUT,B,0,2026-08-25,0,0.1,65,FUT,NFO-FUT,NFO',
      '6,6,A26AUGXX,A,0,2026-08-25,0,0.1,65,XX,NFO-OPT,NFO',
      '7,7,A26AUGFUT,A,0,2026-08-25,0,0.1,65,FUT,ABC-FUT,ABC',
      '8,8,ACE*,ACE,0,,0,0.05,1,EQ,BSE,BSE',
      ',9,A26AUGFUT,A,0,2026-08-25,0,0.1,65,FUT,NFO-FUT,NFO',
      '10,10,A26AUGFUT,A,0',
    );
    expect(reading.listed).toEqual([]);
    expect(skippedOf(reading)).toEqual({
      'bad-expiry': 1,
      'bad-strike': 1,
      'bad-lot': 1,
      'bad-tick': 1,
      'underlying-unknown': 1,
      'instrument-type-unknown': 1,
      'exchange-unknown': 1,
      'symbol-characters': 1,
      'bad-token': 1,
      'ragged-row': 1,
    });
  });

  it('is refused when it is another file', () => {
    expect(() => readKiteMaster(strToU8('<html></html>'), DAY)).toThrow(
      'Kite instruments: there is no column "instrument_token"',
    );
    expect(() => readKiteMaster(new Uint8Array(), DAY)).toThrow('the file is empty');
  });
});
