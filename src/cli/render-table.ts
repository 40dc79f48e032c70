export type Row = Readonly<Record<string, string | number | boolean>>;

/** Rows as a plain aligned table with a trailing newline; `none` when there are no rows. */
export const renderTable = (rows: readonly Row[]): string => {
  const first = rows[0];
  if (first === undefined) return 'none\n';
  const columns = Object.keys(first);
  const cell = (row: Row, column: string): string => String(row[column] ?? '');
  const widths = columns.map((column) =>
    Math.max(column.length, ...rows.map((row) => cell(row, column).length)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((text, i) => text.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd();
  return [
    line(columns),
    line(widths.map((width) => '-'.repeat(width))),
    ...rows.map((row) => line(columns.map((column) => cell(row, column)))),
    '',
  ].join('\n');
};
