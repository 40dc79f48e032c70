import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SqliteFile, sqlFor } from '../../../src/infra/ledger/sqlite-file';
import { SystemClock } from '../../../src/infra/system-clock';
import { SystemRandom } from '../../../src/infra/system-random';

const sql = sqlFor();
let folder = '';
let file: SqliteFile;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'toran-commit-'));
  file = new SqliteFile(path.join(folder, 'l.sqlite'), new SystemClock(), new SystemRandom(), {
    durable: true,
  });
  file.migrate();
});
afterEach(() => {
  file.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
});

const note = (action: string): Promise<void> =>
  file.write(() => {
    file.insert('audit', { at: 1, actor: 'test', action, detail: '{}' });
  });
const noted = (): string[] =>
  file.all(sql.selectFrom('audit').select('action').orderBy('seq')).map((row) => row.action);

describe('writes of one turn', () => {
  it('are all on disk when the first of them is answered', async () => {
    const writes = ['a', 'b', 'c'].map((action) => note(action));
    await writes[0];
    expect(noted()).toEqual(['a', 'b', 'c']);
    await Promise.all(writes);
  });

  it('keep what the others wrote when one throws, and undo all of that one', async () => {
    const results = await Promise.allSettled([
      note('before'),
      file.write(() => {
        file.insert('audit', { at: 1, actor: 'test', action: 'undone', detail: '{}' });
        throw new Error('refused');
      }),
      note('after'),
    ]);
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(noted()).toEqual(['before', 'after']);
  });

  it('takes works that arrive while another is answered', async () => {
    await note('first').then(() => note('second'));
    await note('third');
    expect(noted()).toEqual(['first', 'second', 'third']);
  });
});
