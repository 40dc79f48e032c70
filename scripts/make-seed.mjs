// Writes seed/underlyings.csv and seed/listed-expiries.csv from real broker masters.
// Usage: TORAN_TEST_DATA=<folder> node scripts/make-seed.mjs
// Facts only: which underlyings have derivatives, lots, ticks, strike steps, freeze quantities, a price level.
import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { strFromU8, unzipSync } from 'fflate';

const root = process.env.TORAN_TEST_DATA;
if (root === undefined || root === '') {
  console.error('Set TORAN_TEST_DATA to the folder of the full data files.');
  process.exit(1);
}
const gz = (path) => gunzipSync(readFileSync(`${root}/${path}`)).toString('utf8');
const zip = (path) => unzipSync(readFileSync(`${root}/${path}`));
const cells = (line) => {
  const out = [];
  for (const part of line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)) {
    out.push(part[1].replace(/^"|"$/g, '').replaceAll('""', '"').trim());
  }
  return out;
};
const table = (text) => {
  const [head, ...rows] = text.split(/\r?\n/).filter((line) => line !== '');
  const names = cells(head);
  return rows.map((line) => {
    const values = cells(line);
    return Object.fromEntries(names.map((name, i) => [name, values[i]]));
  });
};
const csv = (value) => (/[",]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
const plain = (value) => String(Number(value));
const DATE = { kite: '2026-08-17', shoonya: '2026-08-18' };

const contracts = table(gz('zerodha/instruments-NFO-BFO-2026-08-17.csv.gz'));
const shares = new Map(
  table(gz('zerodha/instruments-NSE-2026-07-30.csv.gz')).map((row) => [row.tradingsymbol, row]),
);
const freeze = new Map(
  table(gz('exchange/nse-qtyfreeze-2025-12.csv.gz')).map((row) => [row.SYMBOL, row.VOL_FRZ_QTY]),
);
const indexFreeze = table(gz('exchange/nse-index-freeze-limits-2025-2026.csv.gz')).at(-1);
const closes = new Map();
for (const [name, bytes] of Object.entries(zip('market/nse-5min-2026-07-17.zip'))) {
  const last = strFromU8(bytes).trim().split(/\r?\n/).at(-1);
  closes.set(name.replace('.csv', ''), Number(last.split(',')[4]));
}
closes.set('NIFTY', closes.get('NIFTY50'));

/** Indices by their OpenAlgo names; everything else with an option is a share. */
const INDICES = {
  NIFTY: ['NSE_INDEX', 'NIFTY 50', 'NFO', 'weekly-tuesday'],
  BANKNIFTY: ['NSE_INDEX', 'NIFTY BANK', 'NFO', 'last-tuesday'],
  FINNIFTY: ['NSE_INDEX', 'NIFTY FINANCIAL SERVICES', 'NFO', 'last-tuesday'],
  MIDCPNIFTY: ['NSE_INDEX', 'NIFTY MIDCAP SELECT', 'NFO', 'last-tuesday'],
  NIFTYNXT50: ['NSE_INDEX', 'NIFTY NEXT 50', 'NFO', 'last-tuesday'],
  SENSEX: ['BSE_INDEX', 'S&P BSE SENSEX', 'BFO', 'weekly-thursday'],
  BANKEX: ['BSE_INDEX', 'S&P BSE BANKEX', 'BFO', 'last-thursday'],
};
const groups = Map.groupBy(contracts, (row) => `${row.exchange}:${row.name}`);
const one = (values, what) => {
  const set = [...new Set(values)];
  if (set.length !== 1) throw new Error(`${what}: expected one value, found ${set.join(' ')}`);
  return set[0];
};
/** The distance between neighbouring strikes that is most frequent near the middle. */
const strikeStep = (strikes, middle) => {
  const near = strikes
    .map((strike, i) => [strike, i])
    .sort((a, b) => Math.abs(a[0] - middle) - Math.abs(b[0] - middle))
    .slice(0, 16)
    .map(([strike]) => strike)
    .sort((a, b) => a - b);
  const counts = new Map();
  for (let i = 1; i < near.length; i += 1) {
    const gap = Math.round((near[i] - near[i - 1]) * 100) / 100;
    counts.set(gap, (counts.get(gap) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0][0];
};
const roundTo = (value, step) =>
  plain((Math.round(value / Number(step)) * Number(step)).toFixed(4));

const rows = [];
for (const [key, group] of groups) {
  const [exchange, symbol] = key.split(':');
  const options = group.filter((row) => row.instrument_type !== 'FUT');
  const futures = group.filter((row) => row.instrument_type === 'FUT');
  const index = INDICES[symbol];
  if (index === undefined && !shares.has(symbol)) continue;
  if (options.length === 0 || futures.length === 0) continue;
  // The second expiry: the first may have lost strikes, far ones have few.
  const monthly = [...new Set(futures.map((row) => row.expiry))].sort()[1];
  if (monthly === undefined) {
    console.error(`${key}: left out, listed for one more month only`);
    continue;
  }
  const strikes = [
    ...new Set(options.filter((row) => row.expiry === monthly).map((row) => Number(row.strike))),
  ].sort((a, b) => a - b);
  if (strikes.length < 5) throw new Error(`${key}: too few strikes on ${monthly}`);
  const middle = strikes[Math.floor(strikes.length / 2)];
  const close = closes.get(symbol);
  const price =
    close !== undefined && close > strikes[0] && close < strikes.at(-1) ? close : middle;
  const spotTick = index === undefined ? plain(shares.get(symbol).tick_size) : '0.05';
  const limit = indexFreeze[symbol] ?? (exchange === 'NFO' ? freeze.get(symbol) : undefined) ?? '';
  const lot = one(
    group.map((row) => row.lot_size),
    `${key} lot`,
  );
  rows.push([
    index?.[0] ?? 'NSE',
    symbol,
    index?.[1] ?? shares.get(symbol).name,
    index === undefined ? 'share' : 'index',
    spotTick,
    exchange,
    lot,
    plain(
      one(
        futures.map((row) => row.tick_size),
        `${key} future tick`,
      ),
    ),
    plain(
      one(
        options.map((row) => row.tick_size),
        `${key} option tick`,
      ),
    ),
    plain(strikeStep(strikes, price)),
    roundTo(price, spotTick),
    // A limit below one lot is no limit but a missing value.
    limit !== '' && Number(limit) >= Number(lot) ? limit : '',
    index?.[3] ?? 'last-tuesday',
    DATE.kite,
  ]);
}

// Commodities whose price unit is their quantity unit, so that price x quantity is money.
// (Gold is quoted per 10 g and counted in kg, zinc per kg and counted in tonnes: not here.)
const MCX = {
  CRUDEOIL: '',
  CRUDEOILM: '',
  NATURALGAS: '',
  NATGASMINI: '',
  SILVER: '',
  SILVERM: '',
  COPPER: '',
};
const master = table(strFromU8(zip('icici/SecurityMaster-2026-07-30.zip')['MCXScripMaster.txt']));
const expiries = [];
const MONTH = 'JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC'.split(' ');
const isoDate = (text) => {
  const [day, month, year] = text.split('-');
  return `${year}-${String(MONTH.indexOf(month) + 1).padStart(2, '0')}-${day}`;
};
const listed = (text, symbol, instrument) =>
  table(text).filter((row) => row.Symbol === symbol && row.Instrument === instrument);
const mcx = gz('shoonya/MCX_symbols-2026-08-18.txt.gz');
for (const symbol of Object.keys(MCX)) {
  const futures = listed(mcx, symbol, 'FUTCOM');
  const band = master.find(
    (row) =>
      row.ExchangeCode === symbol && row.OptionType === 'XX' && Number(row.LowPriceRange) > 0,
  );
  const tick = plain(
    one(
      futures.map((row) => row.TickSize),
      `${symbol} tick`,
    ),
  );
  const price = (Number(band.LowPriceRange) + Number(band.HighPriceRange)) / 2;
  rows.push([
    '',
    symbol,
    symbol,
    'commodity',
    tick,
    'MCX',
    one(
      futures.map((row) => row.LotSize),
      symbol,
    ),
    tick,
    '',
    '',
    roundTo(price, tick),
    '',
    'listed',
    DATE.shoonya,
  ]);
  for (const row of futures) expiries.push(['MCX', symbol, isoDate(row.Expiry)]);
}
const cds = gz('shoonya/CDS_symbols-2026-08-19.txt.gz');
const usd = listed(cds, 'USDINR', 'FUTCUR');
const usdStrikes = listed(cds, 'USDINR', 'OPTCUR')
  .map((row) => Number(row.StrikePrice))
  .sort((a, b) => a - b);
rows.push([
  '',
  'USDINR',
  'USDINR',
  'currency',
  '0.0025',
  'CDS',
  one(
    usd.map((row) => row.Multiplier),
    'USDINR',
  ),
  '0.0025',
  '',
  '',
  plain(usdStrikes[Math.floor(usdStrikes.length / 2)]),
  '',
  'listed',
  '2026-08-19',
]);
// Weekly currency futures are as good as never traded; the last one of each month stays.
const byMonth = Map.groupBy(usd.map((row) => isoDate(row.Expiry)).sort(), (date) =>
  date.slice(0, 7),
);
for (const dates of byMonth.values()) expiries.push(['CDS', 'USDINR', dates.at(-1)]);

const order = { index: 0, share: 1, commodity: 2, currency: 3 };
rows.sort((a, b) => order[a[3]] - order[b[3]] || (a[1] < b[1] ? -1 : 1));
const head =
  'spot_exchange,symbol,name,kind,spot_tick,derivative_exchange,lot_size,future_tick,option_tick,strike_step,reference_price,freeze_quantity,expiry_rule,as_of';
writeFileSync(
  'seed/underlyings.csv',
  `${[head, ...rows.map((row) => row.map(csv).join(','))].join('\n')}\n`,
);
expiries.sort((a, b) => (a.join() < b.join() ? -1 : 1));
writeFileSync(
  'seed/listed-expiries.csv',
  `${['exchange,symbol,expiry', ...expiries.map((row) => row.join(','))].join('\n')}\n`,
);
console.log(`${rows.length} underlyings, ${expiries.length} listed expiries`);
