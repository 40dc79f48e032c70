import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { iciciMasterSource } from '../../src/brokers/icici/master-source';
import { brokerId, epochMs } from '../../src/core/domain/ids';
import { brokerSymbols } from '../../src/core/instruments/broker-symbols';
import { importMaster } from '../../src/infra/catalogue/import-master';
import type { ImportReport } from '../../src/infra/catalogue/import-master';
import { cataloguePath } from '../../src/infra/catalogue/replace';
import { SqliteCatalogue } from '../../src/infra/catalogue/sqlite-catalogue';
import { readSeed, seedFreezeLimits } from '../../src/infra/seed-catalogue';
import { masterKinds } from '../../src/master-kinds';
import { ICICI_ZIP, bytesOf } from './masters/files';

const LIMIT_MS = 10_000;
const SEED = path.join(__dirname, '..', '..', 'seed');

let folder: string;
let report: ImportReport;
/** Of the processor: what the clock shows on a machine that does nothing else, or less. */
let workMs: number;
beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'toran-load-'));
  const bytes = bytesOf(ICICI_ZIP);
  const kinds = masterKinds(seedFreezeLimits(readSeed(SEED)));
  const started = performance.now();
  const before = process.cpuUsage();
  report = await importMaster(
    {
      dataDirectory: folder,
      broker: 'icici',
      bytes,
      asOf: iciciMasterSource.dayOf(bytes),
      force: false,
      at: epochMs(0),
    },
    kinds,
  );
  const clockMs = Math.round(performance.now() - started);
  const { user, system } = process.cpuUsage(before);
  workMs = Math.round((user + system) / 1000);
  const lines = report.files.map(({ name, listed, skipped }) => {
    const reasons = [...skipped].map(([reason, count]) => `${reason} ${String(count)}`);
    return `${name}: ${String(listed)} listed; ${reasons.join(', ')}`;
  });
  process.stderr.write(
    `\n${lines.join('\n')}\n${String(report.count)} instruments read and built with ${String(workMs)} ms of work in ${String(clockMs)} ms\n`,
  );
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('the whole Security Master of 2026-07-30', () => {
  it('is read and becomes the catalogue in under ten seconds', () => {
    expect(report.note).toMatchObject({ asOf: '2026-07-30', listed: 130_407 });
    expect(report.count).toBe(130_407);
    expect(workMs).toBeLessThan(LIMIT_MS);
  });

  it('has the rows of each file listed, or counted under a reason', () => {
    const rows = report.files.map(({ name, listed, skipped }) => [
      name,
      [...skipped.values()].reduce((sum, count) => sum + count, listed),
    ]);
    expect(Object.fromEntries(rows)).toEqual({
      'BSEScripMaster.txt': 13_357,
      'CDNSEScripMaster.txt': 4,
      'FOBSEScripMaster.txt': 4_439,
      'FONSEScripMaster.txt': 70_950,
      'MCXScripMaster.txt': 37_408,
      'MFScripMaster.txt': 7_014,
      'NSEScripMaster.txt': 5_687,
    });
  });

  it('gives the broker’s name of a share, an index and a contract, and leads back', () => {
    const catalogue = new SqliteCatalogue(cataloguePath(folder));
    try {
      const symbols = brokerSymbols(catalogue, brokerId('icici'));
      const names = [
        ['NSE', 'RELIANCE', 'NSE', 'RELIND'],
        ['NSE_INDEX', 'BANKNIFTY', 'NSE', 'CNXBAN'],
        ['NFO', 'BANKNIFTY29SEP26FUT', 'NFO', 'FUT-CNXBAN-29-Sep-2026'],
      ] as const;
      for (const [exchange, symbol, brokerExchange, code] of names) {
        expect(symbols.nameOf({ exchange, symbol })).toMatchObject({
          exchange: brokerExchange,
          symbol: code,
        });
        expect(symbols.find(brokerExchange, code)).toMatchObject({ exchange, symbol });
      }
    } finally {
      catalogue.close();
    }
  });
});
