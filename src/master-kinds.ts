import { readAngelMaster } from './brokers/angel/master';
import { readIciciMaster } from './brokers/icici/master';
import { iciciMasterSource } from './brokers/icici/master-source';
import { readKiteMaster } from './brokers/zerodha/master';
import { joinMasters } from './core/instruments/join';
import type { FreezeLimits } from './core/instruments/join';
import type { MasterSource } from './core/ports/master';
import type { MasterKinds, MasterReader } from './infra/catalogue/master-files';

/** By the name of the broker's folder. Where masters disagree the one further up is believed. */
const READERS: ReadonlyMap<string, MasterReader> = new Map([
  ['zerodha', readKiteMaster],
  ['angel', readAngelMaster],
  ['icici', readIciciMaster],
]);
const RANK = [...READERS.keys()];

/** Every broker whose instrument master can be imported, and how masters of one day become one list. */
export const masterKinds = (limits: FreezeLimits): MasterKinds => ({
  readers: Object.fromEntries(READERS),
  join: (readings) => {
    const ranked = [...readings].sort((a, b) => RANK.indexOf(a.broker) - RANK.indexOf(b.broker));
    const { instruments, withoutLot, withoutTick, conflicts } = joinMasters(ranked, limits);
    return {
      rows: instruments,
      remarks: new Map([
        ['not orderable, no master says the lot', withoutLot.length],
        ['price step not known, left to the exchange', withoutTick],
        ['masters disagree, the first one is believed', conflicts.length],
      ]),
    };
  },
});

/** Where masters are fetched each day; `urls` replaces the broker's own address. */
export const masterSources = (
  urls: Readonly<Record<string, string | null>>,
): readonly MasterSource[] =>
  [iciciMasterSource].map((source) => ({ ...source, url: urls[source.broker] ?? source.url }));
