import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { prepareDataDirectory } from '../../src/infra/data-directory';
import { describeStartupFault } from '../../src/infra/startup-error';

let root = '';
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'toran-data-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
});

const faultOf = (directory: string): string => {
  try {
    prepareDataDirectory(directory);
    return 'none';
  } catch (error) {
    return describeStartupFault(error);
  }
};

describe('the data folder', () => {
  it('is made with its parents, for this user only, and left empty', () => {
    const folder = path.join(root, 'a', 'b');
    prepareDataDirectory(folder);
    prepareDataDirectory(folder);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('ends in one sentence when a file stands in its place or above it', () => {
    const file = path.join(root, 'file');
    writeFileSync(file, '');
    expect(faultOf(file)).toMatch(/is a file where a folder is needed/);
    expect(faultOf(path.join(file, 'below'))).toMatch(/is a file where a folder is needed/);
  });

  it('ends in one sentence on a file system that takes no files', () => {
    expect(faultOf('/sys/toran')).toMatch(/^(?!Toran could not start).*TORAN_DATA/);
  });
});
