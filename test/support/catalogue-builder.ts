import { epochMs, isoDate } from '../../src/core/domain/ids';
import type { CatalogueRow } from '../../src/core/ports/catalogue';
import { replaceCatalogue, whileLocked } from '../../src/infra/catalogue/replace';
import { syntheticRows } from './synthetic-instruments';

/** A process that builds a catalogue and says how many rows it has taken, until it is killed. */
const [directory = '', count = '0'] = process.argv.slice(2);

function* counted(rows: Iterable<CatalogueRow>): Generator<CatalogueRow> {
  let n = 0;
  for (const row of rows) {
    n += 1;
    if (n % 200 === 0) process.send?.(n);
    yield row;
  }
}

void whileLocked(directory, 0, () =>
  replaceCatalogue(
    directory,
    {
      rows: counted(syntheticRows(Number(count))),
      source: 'masters',
      asOf: isoDate('2026-11-22'),
      brokers: [],
      fingerprint: 'killed',
    },
    epochMs(0),
    // So slow that the test can kill it wherever it likes.
    () => new Promise((resolve) => setTimeout(resolve, 5)),
  ),
);
