import { describe, expect, it } from '@jest/globals';
import { csvTable, splitCsvLine } from '../../../src/core/instruments/csv';

describe('a CSV line', () => {
  it.each<[string, string[]]>([
    ['a,b,', ['a', 'b', '']],
    ['"a","b"', ['a', 'b']],
    ['"2885","RELIND",0.01,1,"",', ['2885', 'RELIND', '0.01', '1', '', '']],
    ['"a, b",c,"d"', ['a, b', 'c', 'd']],
    ['a,"say ""hi""",b', ['a', 'say "hi"', 'b']],
    ['"Token", "ShortName"', ['Token', ' ShortName']],
    ['"a"b,c', ['ab', 'c']],
    ['"never closed,b', ['never closed,b']],
  ])('%s', (line, cells) => {
    expect(splitCsvLine(line)).toEqual(cells);
  });
});

describe('a CSV table', () => {
  it('finds columns by name whatever their order, with blanks, quotes, CRLF and a BOM', () => {
    const table = csvTable('\uFEFF"b", "a", "c"\r\n"2","1",3\r\n\r\n" 5 ",4,6', 'file', [
      'a',
      'b',
    ] as const);
    expect(table.width).toBe(3);
    const rows = [...table.rows].map((cells) => [cells[table.at.a], cells[table.at.b]]);
    expect(rows).toEqual([
      ['1', '2'],
      ['4', '5'],
    ]);
  });

  it('names the file and the column that is missing', () => {
    expect(() => csvTable('a,b\n', 'kite.csv', ['strike'])).toThrow(
      'kite.csv: there is no column "strike"',
    );
    expect(() => csvTable('', 'kite.csv', ['strike'])).toThrow('kite.csv: the file is empty');
  });
});
