import { describe, expect, it } from '@jest/globals';
import { RowMemory } from '../../src/core/reports/row-memory';

describe('a book that is read again', () => {
  it('gives the same object for an unchanged row, and reads only what is new or changed', () => {
    const memory = new RowMemory<{ readonly id: number }>();
    const read: unknown[] = [];
    const reader = (row: unknown): { readonly id: number } => {
      read.push(row);
      return { id: (row as { id: number }).id };
    };
    const first = memory.read([{ id: 1 }, { id: 2, filled: 0 }], reader);
    const second = memory.read([{ id: 2, filled: 5 }, { id: 1 }, { id: 3 }], reader);
    expect(second.map((row) => row.id)).toEqual([2, 1, 3]);
    expect(second[1]).toBe(first[0]);
    expect(read).toEqual([{ id: 1 }, { id: 2, filled: 0 }, { id: 2, filled: 5 }, { id: 3 }]);
  });

  it('forgets a row that the book no longer has, and nothing when a row cannot be read', () => {
    const memory = new RowMemory<{ readonly text: string }>();
    const reader = (row: unknown): { readonly text: string } => {
      if (row === 'bad') throw new Error('bad row');
      return { text: String(row) };
    };
    const [a] = memory.read(['a'], reader);
    expect(() => memory.read(['a', 'bad'], reader)).toThrow('bad row');
    expect(memory.read(['a'], reader)[0]).toBe(a);
    memory.read([], reader);
    expect(memory.read(['a'], reader)[0]).not.toBe(a);
  });
});
