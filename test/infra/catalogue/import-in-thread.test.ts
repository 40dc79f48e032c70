import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { epochMs, isoDate } from '../../../src/core/domain/ids';
import { importInThread } from '../../../src/infra/catalogue/import-in-thread';
import type { ImportReport, ImportRequest } from '../../../src/infra/catalogue/import-master';
import { CatalogueBench } from '../../support/catalogue';
import { iciciZip } from '../../support/icici-zip';

const ROOT = path.resolve(__dirname, '..', '..', '..');

let bench: CatalogueBench;
beforeEach(() => {
  bench = new CatalogueBench();
});
afterEach(() => {
  bench.close();
});

const bring = (
  changes: Partial<ImportRequest> = {},
  program = path.join(ROOT, 'src', 'import-thread.ts'),
): Promise<ImportReport> =>
  importInThread(
    {
      program,
      seedDirectory: path.join(ROOT, 'seed'),
      execArgv: ['--require', path.join(ROOT, 'test', 'support', 'swc-register.cjs')],
    },
    {
      dataDirectory: bench.directory,
      broker: 'icici',
      bytes: iciciZip({ day: '2026-01-08', shares: 100 }),
      asOf: isoDate('2026-01-08'),
      force: false,
      at: epochMs(0),
      ...changes,
    },
  );

describe('an import in a thread of its own', () => {
  it('builds the catalogue and gives the whole report', async () => {
    const report = await bring();
    expect(report).toMatchObject({ count: 103, note: { listed: 103, asOf: '2026-01-08' } });
    expect(report.files[1]).toEqual({
      name: 'BSEScripMaster.txt',
      listed: 1,
      skipped: new Map([['no-exchange-token', 1]]),
    });
    expect(bench.open().find({ exchange: 'NSE', symbol: 'SYM7' })).not.toBeNull();
  });

  it('leaves the event loop to orders meanwhile', async () => {
    let turns = 0;
    const counting = setInterval(() => {
      turns += 1;
    }, 5);
    await bring({ bytes: iciciZip({ day: '2026-01-08', shares: 20_000 }) });
    clearInterval(counting);
    expect(turns).toBeGreaterThan(50);
  });

  it('hands on why a file was refused', async () => {
    const refused = bring({ bytes: Buffer.from('<html>') });
    await expect(refused).rejects.toMatchObject({ code: 'VALIDATION' });
    await expect(refused).rejects.toThrow('the file is no master of icici');
  });

  it('says that it ended when the thread cannot run', async () => {
    await expect(bring({}, path.join(ROOT, 'nothing.js'))).rejects.toMatchObject({
      code: 'INTERNAL',
    });
  });
});
