import { setImmediate as nextTurn } from 'node:timers/promises';
import type { IsoDate } from '../../core/domain/ids';
import { istDate } from '../../core/domain/time';
import type { Clock } from '../../core/ports/clock';
import type { Logger } from '../../core/ports/logger';
import type { CatalogueContent } from './build';
import { MasterFiles, fingerprintOf, masterContent, readMaster } from './master-files';
import type { MasterKinds } from './master-files';
import { cataloguePath, currentFile, replaceCatalogue, whileLocked } from './replace';
import { SqliteCatalogue } from './sqlite-catalogue';

/** How often a build of another process, and a new day, are looked for. */
const WATCH_MS = 1_000;
const RETRY_MS = 60_000;
/** A process that starts waits this long for another one that builds. */
const START_WAIT_MS = 20_000;
/** Work between two turns of the event loop; a step may go over it by its own length. */
const TURN_MS = 4;

export interface KeeperOptions {
  readonly dataDirectory: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly masters: MasterKinds;
  /** The practice instruments of a day, used while no master was imported. */
  readonly practice: (day: IsoDate) => CatalogueContent;
}

/** Keeps the catalogue of a data folder up to date and served: from masters when there are any, else for practice. */
export class CatalogueKeeper {
  readonly catalogue: SqliteCatalogue;
  readonly #options: KeeperOptions;
  readonly #stop: () => void;
  #building: Promise<void> | null = null;
  #retryAt = 0;

  private constructor(options: KeeperOptions, catalogue: SqliteCatalogue) {
    this.#options = options;
    this.catalogue = catalogue;
    this.#stop = options.clock.every(WATCH_MS, () => {
      this.watch();
    });
  }

  /** Ready with a catalogue that is right for now, built if need be. @throws Error when it cannot be built */
  static async open(options: KeeperOptions): Promise<CatalogueKeeper> {
    await ensure(options, START_WAIT_MS, () => null);
    return new CatalogueKeeper(options, new SqliteCatalogue(cataloguePath(options.dataDirectory)));
  }

  /** Takes over what another process built, and begins a build when the day is another one. */
  watch(): void {
    const { clock, logger } = this.#options;
    try {
      if (this.catalogue.refresh()) {
        logger.info({ ...this.catalogue.facts() }, 'catalogue replaced');
      }
    } catch (error) {
      logger.error({ reason: String(error) }, 'new catalogue not readable, the old one stays');
    }
    const { source, asOf } = this.catalogue.meta;
    const due = source === 'practice' && asOf !== istDate(clock.now());
    if (!due || this.#building !== null || clock.monotonic() < this.#retryAt) return;
    this.#building = this.#rebuild();
  }

  /** The build under way, if any; for whoever must wait for it. */
  async settled(): Promise<void> {
    await this.#building;
  }

  async close(): Promise<void> {
    this.#stop();
    await this.#building;
    this.catalogue.close();
  }

  async #rebuild(): Promise<void> {
    const { clock, logger } = this.#options;
    try {
      let turnEnds = clock.monotonic() + TURN_MS;
      await ensure(this.#options, 0, () => {
        if (clock.monotonic() < turnEnds) return null;
        return nextTurn().then(() => {
          turnEnds = clock.monotonic() + TURN_MS;
        });
      });
      this.catalogue.refresh();
    } catch (error) {
      this.#retryAt = clock.monotonic() + RETRY_MS;
      logger.error({ reason: String(error) }, 'catalogue not rebuilt, the old one stays');
    } finally {
      this.#building = null;
    }
  }
}

const wanted = (
  options: KeeperOptions,
): { readonly fingerprint: string; readonly content: () => CatalogueContent } => {
  const { masters, dataDirectory, practice, clock } = options;
  const files = new MasterFiles(dataDirectory);
  const notes = files.inUse();
  if (notes.length === 0) {
    const content = practice(istDate(clock.now()));
    return { fingerprint: content.fingerprint, content: () => content };
  }
  return {
    fingerprint: fingerprintOf(notes),
    content: () =>
      masterContent(
        notes.map((note) => readMaster(files, note, masters)),
        notes,
        masters.join,
      ),
  };
};

/** Builds unless the file in place is the wanted one already; leaves it to another process that builds. */
const ensure = async (
  options: KeeperOptions,
  waitMs: number,
  breathe: () => Promise<void> | null,
): Promise<void> => {
  const { dataDirectory, clock } = options;
  if (currentFile(dataDirectory)?.fingerprint === wanted(options).fingerprint) return;
  await whileLocked(dataDirectory, waitMs, async () => {
    // Another process may have built it, or imported a master, while this one waited.
    const { fingerprint, content } = wanted(options);
    if (currentFile(dataDirectory)?.fingerprint === fingerprint) return;
    await replaceCatalogue(dataDirectory, content(), clock.now(), breathe);
  });
};
