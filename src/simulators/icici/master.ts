import { strToU8, zipSync } from 'fflate';
import { epochMs } from '../../core/domain/ids';
import type { EpochMs } from '../../core/domain/ids';
import { istDate, istTime } from '../../core/domain/time';
import type { Fault } from '../core/faults';
import { faultOf } from '../core/faults';
import type { SimulatedReply } from '../core/fault-server';
import type { IciciInstrument } from './instruments';
import { masterFiles } from './master-files';
import { page } from './reply';
import { masterFileOf } from './routes';

/** The security master: the zip, and its files one by one. */
export class MasterFiles {
  readonly #today: Readonly<Record<string, string>>;
  readonly #yesterday: Readonly<Record<string, string>>;

  /** `yesterday`: what a `stale-read` fault gives out. */
  constructor(today: readonly IciciInstrument[], yesterday: readonly IciciInstrument[]) {
    this.#today = masterFiles(today);
    this.#yesterday = masterFiles(yesterday);
  }

  answer(operation: string, path: string, faults: readonly Fault[]): SimulatedReply {
    const files = faultOf(faults, 'stale-read') === null ? this.#today : this.#yesterday;
    if (operation === 'master') {
      const zip = zipSync(Object.fromEntries(Object.entries(files).map(packed)), {
        mtime: wallTimeOfIndia(epochMs(Date.now())),
      });
      return { status: 200, contentType: 'application/x-zip-compressed', body: Buffer.from(zip) };
    }
    const wanted = `${masterFileOf(path)}.txt`;
    const found = Object.entries(files).find(([name]) => name.toLowerCase() === wanted);
    if (found === undefined) return page(404, 'Not Found');
    return { status: 200, contentType: 'text/plain', body: found[1] };
  }
}

/** A zip holds wall time without a zone, and the broker's is made in India: local fields that say India's time. */
const wallTimeOfIndia = (at: EpochMs): Date => new Date(`${istDate(at)}T${istTime(at)}`);

const packed = ([name, text]: [string, string]): [string, Uint8Array] => [name, strToU8(text)];
