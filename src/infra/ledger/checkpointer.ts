import { Worker } from 'node:worker_threads';

/** Commits after which the log is emptied. A log that starts over often stays small, and a small one is quick to sync. */
const EVERY_COMMITS = 32;

/** From this many pages of 4 KB the log has to start over, even if an order waits a moment. */
const LONG_PAGES = 1_000;

/** Runs in a thread of its own: the file is synced there, while orders go on here. */
const THREAD = `
const { DatabaseSync } = require('node:sqlite');
const { parentPort, workerData } = require('node:worker_threads');
const db = new DatabaseSync(workerData.path, { timeout: 100 });
const passive = db.prepare('PRAGMA wal_checkpoint(PASSIVE)');
parentPort.on('message', (word) => {
  if (word === 'close') {
    db.close();
    parentPort.close();
    return;
  }
  try {
    // Waits for nobody. All that was written meanwhile is left, and then the log cannot start over.
    const { log, checkpointed } = passive.get();
    // The little that is left, with the writers held off for it.
    if (log > checkpointed && log > workerData.pages) db.exec('PRAGMA wal_checkpoint(RESTART)');
  } catch {
    // Busy: the next time will do.
  }
});
`;

/**
 * Moves what was committed from the write-ahead log into the ledger file, beside the event loop. Started
 * with the first commits that need it; without it SQLite does the same in a commit, in the way of an order.
 */
export class Checkpointer {
  readonly #path: string;
  #worker: Worker | null = null;
  #commits = 0;
  #closed = false;

  constructor(path: string) {
    this.#path = path;
  }

  /** Tells of a commit. */
  committed(): void {
    this.#commits += 1;
    if (this.#closed || this.#commits % EVERY_COMMITS !== 0) return;
    this.#worker ??= this.#start();
    this.#worker.postMessage('checkpoint');
  }

  async close(): Promise<void> {
    this.#closed = true;
    const worker = this.#worker;
    if (worker === null) return;
    this.#worker = null;
    await new Promise<void>((resolve) => {
      worker.once('exit', () => {
        resolve();
      });
      // Otherwise a process with nothing else to do ends before it has heard.
      worker.ref();
      worker.postMessage('close');
    });
  }

  #start(): Worker {
    const worker = new Worker(THREAD, {
      eval: true,
      workerData: { path: this.#path, pages: LONG_PAGES },
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
    worker.unref();
    // It cannot open the file, or has no memory: commits go on, and empty the log themselves.
    worker.on('error', () => {
      this.#closed = true;
    });
    worker.on('exit', () => {
      this.#worker = null;
    });
    return worker;
  }
}
