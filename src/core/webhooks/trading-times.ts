import { GatewayError } from '../domain/errors';
import type { Exchange } from '../domain/instrument';
import { epochMs } from '../domain/ids';
import type { EpochMs, IsoDate } from '../domain/ids';
import { istTime, startOfIstDay } from '../domain/time';
import type { Intraday } from './settings';

/** IST closing times of a normal day. The commodity segment closes later in winter; the earlier one is the safe side. */
const CLOSE: Readonly<Record<Exchange, string>> = {
  NSE: '15:30',
  NFO: '15:30',
  BSE: '15:30',
  BFO: '15:30',
  CDS: '17:00',
  BCD: '17:00',
  MCX: '23:30',
  NCDEX: '17:00',
  NCO: '17:00',
  NSE_INDEX: '15:30',
  BSE_INDEX: '15:30',
  MCX_INDEX: '23:30',
  GLOBAL_INDEX: '23:59',
  CRYPTO: '23:59',
};

/** The instant of an IST `HH:MM` on `day`. */
export const instantOf = (day: IsoDate, time: string): EpochMs =>
  epochMs(startOfIstDay(day) + (Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5))) * 60_000);

/** When `exchange` closes on `day`. */
export const closeOf = (exchange: Exchange, day: IsoDate): EpochMs =>
  instantOf(day, CLOSE[exchange]);

/**
 * Entries pass from start until end, exits from start until the square-off.
 * @throws GatewayError WEBHOOK_WINDOW
 */
export const requireTime = (times: Intraday | null, isExit: boolean, at: EpochMs): void => {
  if (times === null) return;
  const now = istTime(at).slice(0, 5);
  const until = isExit ? times.squareOff : times.end;
  if (times.start <= now && now < until) return;
  throw new GatewayError(
    'WEBHOOK_WINDOW',
    `${isExit ? 'Exits' : 'Entries'} of this strategy pass from ${times.start} until ${until} IST.`,
  );
};
