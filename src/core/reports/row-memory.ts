/**
 * Reads a book of the broker again and again at the cost of its new rows: a row whose text is that of
 * the last reading gives the same object as then. For rows that speak for themselves only.
 */
export class RowMemory<T extends object> {
  #last: ReadonlyMap<string, T> = new Map();

  /** What `read` makes of each row, in their order. @throws what `read` throws; then nothing is remembered */
  read(rows: readonly unknown[], read: (row: unknown, index: number) => T): T[] {
    const now = new Map<string, T>();
    const all = rows.map((row, index) => {
      const text = JSON.stringify(row);
      const known = this.#last.get(text) ?? read(row, index);
      now.set(text, known);
      return known;
    });
    this.#last = now;
    return all;
  }
}
