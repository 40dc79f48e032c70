import { epochMs, isoDate } from './ids';
import type { EpochMs, IsoDate } from './ids';

/** India has no daylight saving: IST is UTC+05:30 all year. */
const IST_OFFSET_MS = 19_800_000;
export const DAY_MS = 86_400_000;

/** The day in Asia/Kolkata that contains `at`. */
export const istDate = (at: EpochMs): IsoDate =>
  isoDate(new Date(at + IST_OFFSET_MS).toISOString().slice(0, 10));

/** `HH:MM:SS` in Asia/Kolkata. */
export const istTime = (at: EpochMs): string =>
  new Date(at + IST_OFFSET_MS).toISOString().slice(11, 19);

/** `DD-Mon-YYYY HH:MM:SS` in Asia/Kolkata: the one text form of `timestamp` in our answers. */
export const istTimestamp = (at: EpochMs): string => {
  const date = istDate(at);
  const month = MONTHS[Number(date.slice(5, 7)) - 1] ?? '';
  return `${date.slice(8, 10)}-${month}-${date.slice(0, 4)} ${istTime(at)}`;
};

/** ISO 8601 with the explicit +05:30 offset and milliseconds. */
export const istIso = (at: EpochMs): string =>
  `${new Date(at + IST_OFFSET_MS).toISOString().slice(0, 23)}+05:30`;

/** The instant at which `date` begins in Asia/Kolkata. */
export const startOfIstDay = (date: IsoDate): EpochMs =>
  epochMs(Date.parse(`${date}T00:00:00.000+05:30`));

export const MONTHS = [
  'Jan',
  'Feb',
  'Mar',
  'Apr',
  'May',
  'Jun',
  'Jul',
  'Aug',
  'Sep',
  'Oct',
  'Nov',
  'Dec',
] as const;

/** `DDMMMYY`, the form of an expiry inside a symbol. */
export const symbolDate = (date: IsoDate): string =>
  `${date.slice(8, 10)}${(MONTHS[Number(date.slice(5, 7)) - 1] ?? '').toUpperCase()}${date.slice(2, 4)}`;
