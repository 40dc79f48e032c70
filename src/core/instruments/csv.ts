/** One line of a CSV file with its place, for messages. */
export interface CsvRow {
  readonly line: number;
  readonly cells: readonly string[];
}

/** The cells of one CSV line; quotes are removed, a doubled quote inside quotes is one quote. */
export const splitCsvLine = (line: string): string[] => {
  if (!line.includes('"')) return line.split(',');
  const cells: string[] = [];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < line.length; i += 1) {
    const character = line.charAt(i);
    if (character === '"') {
      if (quoted && line.charAt(i + 1) === '"') {
        cell += '"';
        i += 1;
      } else {
        quoted = !quoted;
      }
    } else if (character === ',' && !quoted) {
      cells.push(cell);
      cell = '';
    } else {
      cell += character;
    }
  }
  cells.push(cell);
  return cells;
};

/** The lines of CSV text that are not blank, with numbers that start at 1. LF, CRLF and a BOM are fine. */
export const csvRows = (text: string): CsvRow[] => {
  const rows: CsvRow[] = [];
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  for (const [index, raw] of lines.entries()) {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    if (line !== '') rows.push({ line: index + 1, cells: splitCsvLine(line) });
  }
  return rows;
};

/** Rows as records by the names of the first line. @throws Error naming `file:line` when a row has other columns. */
export const csvRecords = (
  text: string,
  file: string,
): { readonly line: number; readonly record: Readonly<Record<string, string>> }[] => {
  const [head, ...rows] = csvRows(text);
  if (head === undefined) throw new Error(`${file}: the file is empty`);
  return rows.map(({ line, cells }) => {
    if (cells.length !== head.cells.length) {
      throw new Error(
        `${file}:${line}: expected ${head.cells.length} columns, found ${cells.length}`,
      );
    }
    const record: Record<string, string> = {};
    head.cells.forEach((name, index) => {
      record[name] = cells[index] ?? '';
    });
    return { line, record };
  });
};
