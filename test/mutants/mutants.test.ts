import { readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { selectCells } from '../chaos/cells';
import { patchedCopy } from './build';
import { MUTANTS } from './mutants';

const patches = readdirSync(__dirname)
  .filter((name) => name.endsWith('.patch'))
  .map((name) => name.replace(/\.patch$/, ''));

describe('the mutants', () => {
  it('are one for each patch, in cells that exist', () => {
    expect(MUTANTS.map(({ name }) => name).sort()).toEqual(patches.sort());
    for (const { only } of MUTANTS) expect(selectCells(only)).not.toHaveLength(0);
  });

  it.each(patches)('%s still fits the sources', async (name) => {
    const folder = await patchedCopy(name);
    await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  });
});
