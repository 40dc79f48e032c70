/** One line of a CSV file with its place, for messages. */
export interface CsvRow {
  readonly line: number;
  readonly cells: readonly string[];
}

/** The cells of one CSV line; quotes are removed, a doubled quote inside quotes is one quote. */
export const splitCsvLine = (line: string): string[] => {
  if (!line.includes('"')) return line.split(',');
  return splitPlainlyQuoted(line) ?? splitAnyhow(line);
};

/** Cells that are quoted as a whole, or not at all: cut out in one piece. Null for any other line. */
const splitPlainlyQuoted = (line: string): string[] | null => {
  const cells: string[] = [];
  let at = 0;
  for (;;) {
    const quoted = line.startsWith('"', at);
    const start = quoted ? at + 1 : at;
    let end = line.indexOf(quoted ? '"' : ',', start);
    if (end === -1) {
      if (quoted) return null;
      end = line.length;
    }
    const cell = line.slice(start, end);
    const next = quoted ? end + 1 : end;
    if (next < line.length && line.charAt(next) !== ',') return null;
    if (!quoted && cell.includes('"')) return null;
    cells.push(cell);
    if (next >= line.length) return cells;
    at = next + 1;
  }
};

const splitAnyhow = (line: string): string[] => {
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

/** A CSV text with a header, read row by row. */
export interface CsvTable<Name extends string> {
  /** Cells of the header; a row with another number is not to be trusted. */
  readonly width: number;
  /** Place of each wanted column. */
  readonly at: Readonly<Record<Name, number>>;
  /** The cells of each line below the header that is not blank, without blanks around them. */
  readonly rows: Iterable<readonly string[]>;
}

const lines = function* (text: string): Generator<string> {
  let start = 0;
  while (start < text.length) {
    const end = text.indexOf('\n', start);
    const stop = end === -1 ? text.length : end;
    const line = text.slice(start, text.charAt(stop - 1) === '\r' ? stop - 1 : stop);
    if (line.trim() !== '') yield line;
    start = stop + 1;
  }
};

const bodyRows = function* (body: Generator<string>): Generator<readonly string[]> {
  for (const line of body) {
    const cells = splitCsvLine(line);
    for (let i = 0; i < cells.length; i += 1) cells[i] = cells[i]?.trim() ?? '';
    yield cells;
  }
};

/**
 * The table of a large CSV text, columns found by name whatever their order. The rows can be read once.
 * @throws Error that names `file` and the first wanted column that is not there.
 */
export const csvTable = <Name extends string>(
  text: string,
  file: string,
  wanted: readonly Name[],
): CsvTable<Name> => {
  const body = lines(text.replace(/^\uFEFF/, ''));
  const head = body.next();
  if (head.done === true) throw new Error(`${file}: the file is empty`);
  const names = splitCsvLine(head.value).map((name) => name.trim());
  const places = wanted.map((name): [Name, number] => {
    const place = names.indexOf(name);
    if (place === -1) throw new Error(`${file}: there is no column "${name}"`);
    return [name, place];
  });
  return {
    width: names.length,
    // Object.fromEntries forgets the names; all of `wanted` are in it.
    at: Object.fromEntries(places) as Record<Name, number>,
    rows: bodyRows(body),
  };
};
