import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { epochMs, isoDate } from '../../core/domain/ids';

const noteSchema = z.object({
  wanted: z.string().transform(isoDate),
  attempts: z.int().min(1),
  failedAt: z.number().transform(epochMs),
  why: z.string(),
  nextAt: z.number().transform(epochMs),
});
/** A download that has not worked yet: the day that is wanted, and what is in its way. */
export type DownloadNote = z.output<typeof noteSchema>;

/** `masters/<broker>.download` while the master of the day is missing; whoever looks finds the reason there. */
export class DownloadNotes {
  readonly #directory: string;

  constructor(dataDirectory: string) {
    this.#directory = path.join(dataDirectory, 'masters');
  }

  /** Null while nothing is in the way. */
  read(broker: string): DownloadNote | null {
    let text: string;
    try {
      text = readFileSync(this.#file(broker), 'utf8');
    } catch {
      return null;
    }
    const parsed = noteSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  }

  write(broker: string, note: DownloadNote): void {
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    const fresh = `${this.#file(broker)}.new`;
    writeFileSync(fresh, `${JSON.stringify(note, null, 2)}\n`, { mode: 0o600 });
    renameSync(fresh, this.#file(broker));
  }

  clear(broker: string): void {
    rmSync(this.#file(broker), { force: true });
  }

  #file(broker: string): string {
    return path.join(this.#directory, `${broker}.download`);
  }
}
