import { brokerId } from '../../core/domain/ids';
import type { IsoDate } from '../../core/domain/ids';
import { calendarDate } from '../../core/instruments/calendar-date';
import type { MasterSource } from '../../core/ports/master';

/** The files that every Security Master has; others may be older, or gone. */
const NEEDED = ['NSEScripMaster.txt', 'BSEScripMaster.txt', 'FONSEScripMaster.txt'] as const;

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const END_BYTES = 22;

/** Where the list of files is; it is at the end, so a zip that was cut short has none. */
const centralOffset = (view: DataView): number => {
  for (let at = view.byteLength - END_BYTES; at >= 0; at -= 1) {
    if (view.getUint32(at, true) === END) return view.getUint32(at + 16, true);
  }
  throw new Error('the zip is cut short');
};

/** When each file of a zip was made, as the packer's clock said: the zip has no zone, ICICI packs in India. */
const fileDays = (zip: Uint8Array): ReadonlyMap<string, IsoDate | null> => {
  const view = new DataView(zip.buffer, zip.byteOffset, zip.byteLength);
  if (zip.byteLength < END_BYTES || view.getUint32(0, true) !== LOCAL) {
    const start = new TextDecoder().decode(zip.subarray(0, 16)).replace(/\P{L}+/gu, ' ');
    throw new Error(`it is no zip: it begins with "${start.trim()}"`);
  }
  const days = new Map<string, IsoDate | null>();
  let at = centralOffset(view);
  while (at + 46 <= view.byteLength && view.getUint32(at, true) === CENTRAL) {
    const date = view.getUint16(at + 14, true);
    const nameBytes = view.getUint16(at + 28, true);
    const name = new TextDecoder().decode(zip.subarray(at + 46, at + 46 + nameBytes));
    days.set(name, calendarDate(1980 + (date >> 9), (date >> 5) & 15, date & 31));
    at += 46 + nameBytes + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return days;
};

/** The oldest day of the needed files: no part of the zip is older. @throws Error with the reason */
const dayOf = (zip: Uint8Array): IsoDate => {
  const days = fileDays(zip);
  let oldest: IsoDate | null = null;
  for (const name of NEEDED) {
    const day = days.get(name) ?? null;
    if (day === null) throw new Error(`${name} is not in the zip, or has no date`);
    if (oldest === null || day < oldest) oldest = day;
  }
  if (oldest === null) throw new Error('the zip is empty');
  return oldest;
};

/** ICICI's Security Master: a zip of about 3 MB, made anew each trading day around 08:00 IST. */
export const iciciMasterSource: MasterSource = {
  broker: brokerId('icici'),
  url: 'https://directlink.icicidirect.com/MotherAppMaster/SecurityMaster.zip',
  // The real one is thousands of times larger, that of a practice server is not.
  leastBytes: 1_000,
  dayOf,
};
