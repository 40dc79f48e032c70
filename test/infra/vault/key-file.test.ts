import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { accountId } from '../../../src/core/domain/ids';
import { SystemRandom } from '../../../src/infra/system-random';
import { KeyFile } from '../../../src/infra/vault/key-file';
import { readKeyText } from '../../../src/infra/vault/master-key';
import { VaultBench } from '../../support/vault-bench';

const ROOT = path.resolve(__dirname, '..', '..', '..');
const run = promisify(execFile);
const SECRET = { accountId: accountId('one'), field: 'apiSecret' };

let bench: VaultBench;
beforeEach(async () => {
  bench = await VaultBench.open();
});
afterEach(() => bench.close());

const file = (): KeyFile => new KeyFile(bench.directory, new SystemRandom());

describe('the text of a key', () => {
  it('is 32 bytes in hex or base64, and nothing else', () => {
    const bytes = Buffer.alloc(32, 0xfb);
    for (const text of [
      bytes.toString('hex'),
      bytes.toString('hex').toUpperCase(),
      bytes.toString('base64'),
      bytes.toString('base64url'),
    ]) {
      expect(Buffer.from(readKeyText(text) ?? [])).toEqual(bytes);
    }
    for (const text of [
      '',
      'secret',
      'a'.repeat(63),
      'a'.repeat(65),
      'A'.repeat(44),
      'A'.repeat(42),
      `${'A'.repeat(42)}*=`,
    ]) {
      expect(readKeyText(text)).toBeNull();
    }
  });
});

describe('the key file', () => {
  it('is made on first start, readable by its user alone, and holds what no copy of the ledger holds', async () => {
    const vault = await bench.vault();
    const sealed = await vault.seal(SECRET, 'x');
    expect(statSync(bench.keyFile).mode & 0o777).toBe(0o600);
    expect(statSync(path.dirname(bench.keyFile)).mode & 0o777).toBe(0o700);
    const text = readFileSync(bench.keyFile, 'utf8').trim();
    const bytes = readKeyText(text) ?? Buffer.alloc(0);
    expect(bytes).toHaveLength(32);
    const ledger = bench.ledgerBytes();
    expect(ledger.includes('SQLite format')).toBe(true);
    const forms = (['latin1', 'hex', 'base64', 'base64url'] as const).map((form) =>
      Buffer.from(bytes).toString(form),
    );
    for (const form of [text, ...forms]) expect(ledger.includes(form)).toBe(false);
    expect(await (await bench.vault()).open(SECRET, sealed)).toBe('x');
    expect(readdirSync(path.dirname(bench.keyFile))).toEqual(['master.key']);
  });

  it.each([0o640, 0o604, 0o666])('is refused with mode %o, naming chmod 600', async (mode) => {
    await bench.vault();
    chmodSync(bench.keyFile, mode);
    await expect(bench.vault()).rejects.toMatchObject({
      name: 'StartupError',
      message: `The master key ${bench.keyFile} can be read by others: run \`chmod 600 ${bench.keyFile}\`.`,
    });
  });

  it('is refused when it holds no key, and not made anew when it is lost', async () => {
    await bench.vault();
    writeFileSync(bench.keyFile, 'nonsense\n');
    await expect(bench.vault()).rejects.toThrow(/holds no master key: put the file/);
    rmSync(bench.keyFile);
    await expect(bench.vault()).rejects.toThrow(/put the file .*master\.key that belongs .* back/);
    expect(existsSync(bench.keyFile)).toBe(false);
  });

  it('is one for processes that start at the same instant', async () => {
    const script = `
      require(${JSON.stringify(path.join(ROOT, 'test/support/swc-register.cjs'))});
      const { KeyFile } = require(${JSON.stringify(path.join(ROOT, 'src/infra/vault/key-file.ts'))});
      const { SystemRandom } = require(${JSON.stringify(path.join(ROOT, 'src/infra/system-random.ts'))});
      while (Date.now() < Number(process.argv[1])) {}
      new KeyFile(${JSON.stringify(bench.directory)}, new SystemRandom()).first()
        .then(({ key }) => console.log(key.id));`;
    const at = String(Date.now() + 2_500);
    const ran = await Promise.all(
      [1, 2, 3, 4].map(() => run(process.execPath, ['-e', script, at])),
    );
    expect(new Set(ran.map(({ stdout }) => stdout)).size).toBe(1);
    expect(ran[0]?.stdout.trim()).toMatch(/^[0-9a-f]{16}$/);
  }, 30_000);
});

describe('a rotation of the key file', () => {
  it('survives a stop at any of its steps', async () => {
    const vault = await bench.vault();
    const sealed = await vault.seal(SECRET, 'x');
    const opens = async (): Promise<void> => {
      expect(await (await bench.vault()).open(SECRET, sealed)).toBe('x');
    };
    const before = readFileSync(bench.keyFile, 'utf8');
    const key = await file().stage();
    await opens();
    expect(await file().stage()).toEqual(key);
    await vault.rewrap({ key, kind: 'file', scrypt: null });
    expect(readFileSync(bench.keyFile, 'utf8')).toBe(before);
    await opens();
    await file().taken();
    await opens();
    await file().taken();
    expect(readFileSync(bench.keyFile, 'utf8')).not.toBe(before);
    expect(readdirSync(path.dirname(bench.keyFile))).toEqual(['master.key']);
    // The process that ran all the time fetches the new key when a new account needs it.
    const other = { accountId: accountId('two'), field: 'f' };
    expect(await vault.open(other, await vault.seal(other, 'y'))).toBe('y');
  });

  it('is followed by a process that runs beside it', async () => {
    const running = await bench.vault();
    const sealed = await running.seal(SECRET, 'x');
    const rotating = await bench.vault();
    await rotating.rewrap({ key: await file().stage(), kind: 'file', scrypt: null });
    await file().taken();
    const other = { accountId: accountId('two'), field: 'f' };
    expect(await running.open(other, await running.seal(other, 'y'))).toBe('y');
    expect(await running.open(SECRET, sealed)).toBe('x');
    const reader = await running.loginReader();
    expect(await reader.open(SECRET, await running.sealForLogin(SECRET, 'p'))).toBe('p');
  });

  it('is ended by another kind of key', async () => {
    await bench.vault();
    mkdirSync(path.dirname(bench.keyFile), { recursive: true });
    await file().remove();
    expect(existsSync(bench.keyFile)).toBe(false);
  });
});
