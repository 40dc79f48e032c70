import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { epochMs, isoDate } from '../../src/core/domain/ids';
import type { CatalogueRow } from '../../src/core/ports/catalogue';
import type { BuildReport } from '../../src/infra/catalogue/build';
import { cataloguePath, replaceCatalogue } from '../../src/infra/catalogue/replace';
import { SqliteCatalogue } from '../../src/infra/catalogue/sqlite-catalogue';

/** A data folder of a test's own with a catalogue in it. */
export class CatalogueBench {
  readonly directory = mkdtempSync(path.join(os.tmpdir(), 'toran-catalogue-'));
  #open: SqliteCatalogue[] = [];

  build(
    rows: Iterable<CatalogueRow>,
    day = '2026-11-21',
    source: 'practice' | 'masters' = 'masters',
  ): Promise<BuildReport> {
    const content = {
      rows,
      source,
      asOf: isoDate(day),
      brokers: [],
      fingerprint: `test ${day}`,
    };
    return replaceCatalogue(this.directory, content, epochMs(0), () => null);
  }

  open(): SqliteCatalogue {
    const catalogue = new SqliteCatalogue(cataloguePath(this.directory));
    this.#open.push(catalogue);
    return catalogue;
  }

  close(): void {
    for (const catalogue of this.#open) catalogue.close();
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }
}
