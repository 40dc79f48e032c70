import { epochMs } from '../../core/domain/ids';
import type { BrokerId, IsoDate } from '../../core/domain/ids';
import { istDate } from '../../core/domain/time';
import { masterRetryMs, wantedMasterDay } from '../../core/instruments/master-schedule';
import type { Clock, Random } from '../../core/ports/clock';
import type { HttpPort } from '../../core/ports/http';
import type { Logger } from '../../core/ports/logger';
import type { TradingCalendar } from '../../core/ports/market';
import type { MasterSource } from '../../core/ports/master';
import type { Leases } from '../../core/ports/queue';
import { DownloadNotes } from './download-notes';
import type { ImportReport, ImportRequest } from './import-master';
import { MasterFiles } from './master-files';

/** How often it is looked whether a master is due; the lease of who fetches is renewed as often. */
const LOOK_MS = 15_000;
const LEASE_MS = 120_000;
const TIMEOUT_MS = 120_000;
/** A master with less than this part of the rows of the last one is not taken without a person. */
const LEAST_SHARE = 0.8;

export interface MasterDownloadsOptions {
  readonly dataDirectory: string;
  readonly sources: readonly MasterSource[];
  /** Whether this instance has any use for the masters of a broker. */
  readonly wanted: (broker: BrokerId) => Promise<boolean>;
  /** When today's master is asked for, `HH:MM` IST. */
  readonly time: string;
  readonly calendar: TradingCalendar;
  readonly http: HttpPort;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly leases: Leases;
  /** Imports what was downloaded. @throws Error with the reason; then nothing was changed */
  readonly importMaster: (request: ImportRequest) => Promise<ImportReport>;
  /** A person should know this. */
  readonly alarm: (broker: BrokerId, text: string) => Promise<void>;
}

interface Progress {
  busy: boolean;
  attempts: number;
  /** The day that was wanted when the attempts began. */
  wanted: IsoDate | null;
  /** Monotonic; no attempt before it. */
  retryAt: number;
}

/**
 * Fetches the master of each day and imports it: at the set time, and at the start when it is missing. One
 * process at a time does it. Until it works the catalogue of yesterday stays, an alarm is raised once a day,
 * and `toran masters list` shows the reason.
 */
export class MasterDownloads {
  readonly #options: MasterDownloadsOptions;
  readonly #files: MasterFiles;
  readonly #notes: DownloadNotes;
  readonly #progress = new Map<BrokerId, Progress>();
  readonly #running = new Set<Promise<void>>();
  readonly #ended = new AbortController();
  #stop: () => void = () => undefined;

  constructor(options: MasterDownloadsOptions) {
    this.#options = options;
    this.#files = new MasterFiles(options.dataDirectory);
    this.#notes = new DownloadNotes(options.dataDirectory);
  }

  start(): void {
    this.#stop = this.#options.clock.every(LOOK_MS, () => {
      this.look();
    });
    this.look();
  }

  /** Begins what is due now. */
  look(): void {
    for (const source of this.#options.sources) {
      const work = this.#serve(source).catch((error: unknown) => {
        const { logger } = this.#options;
        logger.error({ broker: source.broker, reason: String(error) }, 'master download');
      });
      this.#running.add(work);
      void work.finally(() => this.#running.delete(work));
    }
  }

  /** Ends a download under way; an import that has begun is waited for. Another process may go on at once. */
  async close(): Promise<void> {
    const { sources, leases } = this.#options;
    this.#stop();
    this.#ended.abort();
    await Promise.all(this.#running);
    await Promise.allSettled(sources.map(({ broker }) => leases.release(leaseOf(broker))));
  }

  async #serve(source: MasterSource): Promise<void> {
    const { clock, calendar, time, leases, wanted: isWanted } = this.#options;
    const { broker } = source;
    const progress = this.#progressOf(broker);
    const wanted = wantedMasterDay(calendar, clock.now(), time);
    const held = this.#heldDay(broker);
    if (!progress.busy && held !== null && held >= wanted) {
      if (this.#notes.read(broker) !== null) this.#notes.clear(broker);
      return;
    }
    if (this.#isEnded() || !(await isWanted(broker))) return;
    const mine = await leases.hold(leaseOf(broker), LEASE_MS);
    if (!mine || progress.busy || this.#isEnded()) return;
    if (progress.wanted !== wanted) Object.assign(progress, { wanted, attempts: 0, retryAt: 0 });
    if (clock.monotonic() < progress.retryAt) return;
    progress.busy = true;
    try {
      const why = await this.#attempt(source, wanted);
      if (this.#isEnded()) return;
      if (why === null) this.#notes.clear(broker);
      else await this.#failed(source, wanted, progress, why);
    } finally {
      progress.busy = false;
      if (this.#isDone(broker, wanted)) await leases.release(leaseOf(broker));
    }
  }

  /** Null when the wanted master is in place, else what is in the way. */
  async #attempt(source: MasterSource, wanted: IsoDate): Promise<string | null> {
    const { clock, dataDirectory, importMaster, logger } = this.#options;
    const fetched = await this.#fetch(source);
    if (typeof fetched === 'string') return fetched;
    let asOf: IsoDate;
    try {
      asOf = source.dayOf(fetched);
    } catch (error) {
      return `the file is no master: ${messageOf(error)}`;
    }
    if (asOf > istDate(clock.now())) return `the file is of ${asOf}, a day that has not come`;
    const held = this.#heldDay(source.broker);
    const late = `the file is still of ${asOf}`;
    if (held !== null && asOf <= held) return asOf < wanted ? late : null;
    try {
      const report = await importMaster({
        dataDirectory,
        broker: source.broker,
        bytes: fetched,
        asOf,
        force: false,
        leastShare: LEAST_SHARE,
        at: clock.now(),
      });
      logger.info({ ...shown(report), bytes: fetched.byteLength }, 'master downloaded');
    } catch (error) {
      return messageOf(error);
    }
    return asOf < wanted ? late : null;
  }

  async #fetch(source: MasterSource): Promise<Uint8Array | string> {
    const result = await this.#options.http.request({
      method: 'GET',
      url: source.url,
      headers: { accept: '*/*' },
      body: null,
      signal: this.#ended.signal,
      timeoutMs: TIMEOUT_MS,
      sendBy: null,
      freshConnection: false,
    });
    if (result.kind === 'failure') {
      return result.stage === 'connect'
        ? `the host does not answer (${result.why})`
        : `the download broke off (${result.why})`;
    }
    if (result.status !== 200) return `the host answered HTTP ${result.status}`;
    if (result.body.byteLength >= source.leastBytes) return result.body;
    return `${result.body.byteLength} bytes are too few for a master`;
  }

  async #failed(
    source: MasterSource,
    wanted: IsoDate,
    progress: Progress,
    why: string,
  ): Promise<void> {
    const { clock, random, logger, alarm } = this.#options;
    const { broker, url } = source;
    progress.attempts += 1;
    const waitMs = masterRetryMs(progress.attempts, random);
    progress.retryAt = clock.monotonic() + waitMs;
    const { attempts } = progress;
    const held = this.#heldDay(broker);
    const failedAt = clock.now();
    this.#notes.write(broker, {
      wanted,
      attempts,
      failedAt,
      why,
      nextAt: epochMs(failedAt + waitMs),
    });
    logger.error({ broker, url, wanted, held, attempts, why, waitMs }, 'master not downloaded');
    if (attempts > 1) return;
    const kept = held === null ? 'none was imported before' : `the one of ${held} stays in use`;
    await alarm(broker, `no master of ${broker} of ${wanted}: ${why}; ${kept}`);
  }

  #progressOf(broker: BrokerId): Progress {
    const known = this.#progress.get(broker);
    if (known !== undefined) return known;
    const fresh: Progress = { busy: false, attempts: 0, wanted: null, retryAt: 0 };
    this.#progress.set(broker, fresh);
    return fresh;
  }

  #heldDay(broker: BrokerId): IsoDate | null {
    return this.#files.notes().find((note) => note.broker === broker)?.asOf ?? null;
  }

  /** A call, because the signal may have aborted during an await that the compiler does not see. */
  #isEnded(): boolean {
    return this.#ended.signal.aborted;
  }

  #isDone(broker: BrokerId, wanted: IsoDate): boolean {
    const held = this.#heldDay(broker);
    return held !== null && held >= wanted;
  }
}

const leaseOf = (broker: BrokerId): string => `masters:${broker}`;

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/** Counts as one text: the log hides values whose name speaks of a token, as some reasons do. */
const inWords = (counts: Iterable<readonly [string, number]>): string =>
  [...counts].map(([reason, count]) => `${reason} ${String(count)}`).join(', ');

/** The counts of an import, for the log. */
const shown = ({ note, files, count, diff, leftOut, remarks }: ImportReport): object => ({
  broker: note.broker,
  asOf: note.asOf,
  listed: note.listed,
  skipped: inWords(Object.entries(note.skipped)),
  files: files.map(({ name, listed, skipped }) => ({ name, listed, skipped: inWords(skipped) })),
  instruments: count,
  changes: diff.compared ? diff.counts : null,
  leftOut: leftOut.map((one) => `${one.broker} ${one.asOf}`),
  remarks: inWords(remarks),
});
