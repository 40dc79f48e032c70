import type { Command } from 'commander';
import { GatewayError } from '../core/domain/errors';
import { SystemRandom } from '../infra/system-random';
import { KeyFile } from '../infra/vault/key-file';
import { derive, masterKeyOf, newScryptFacts, readKeyText } from '../infra/vault/master-key';
import type { MasterKeyKind } from '../infra/vault/master-key';
import type { NextKey } from '../infra/vault/vault';
import { HiddenPrompt, readPiped } from './secret-input';
import { withVault } from './vault-session';
import type { SecretSurroundings, VaultView } from './vault-session';

const KINDS: readonly MasterKeyKind[] = ['file', 'key', 'passphrase'];
const LEAST_PASSPHRASE = 12;

const kindOf = (word: string): MasterKeyKind => {
  const kind = KINDS.find((known) => known === word);
  if (kind === undefined) {
    throw new GatewayError('VALIDATION', `--to: must be one of ${KINDS.join(', ')}`);
  }
  return kind;
};

/** A secret of one line: typed twice, or piped in. */
const newSecret = async (around: SecretSurroundings, what: string): Promise<string> => {
  const { input, say } = around;
  if (input.isTTY !== true) return (await readPiped(input)).trim();
  const prompt = new HiddenPrompt(input, say);
  try {
    const first = await prompt.ask(`New ${what}: `);
    const second = await prompt.ask('Once more: ');
    if (first === second) return first.trim();
    throw new GatewayError('VALIDATION', 'the two differ; nothing was changed');
  } finally {
    prompt.close();
  }
};

const nextKey = async (kind: MasterKeyKind, around: SecretSurroundings): Promise<NextKey> => {
  if (kind === 'passphrase') {
    const passphrase = await newSecret(around, 'passphrase');
    if (passphrase.length < LEAST_PASSPHRASE) {
      throw new GatewayError(
        'VALIDATION',
        `the passphrase must have at least ${LEAST_PASSPHRASE} characters`,
      );
    }
    const scrypt = newScryptFacts(new SystemRandom());
    return { kind, scrypt, key: await derive(passphrase, scrypt) };
  }
  const text = await newSecret(around, 'master key (openssl rand -base64 32)');
  const bytes = readKeyText(text);
  if (bytes === null) {
    throw new GatewayError('VALIDATION', 'the new master key must be 32 bytes in base64 or hex');
  }
  return { kind: 'key', scrypt: null, key: masterKeyOf(bytes) };
};

const AFTERWARDS: Readonly<Record<MasterKeyKind, string>> = {
  file: 'nothing',
  key: 'set TORAN_MASTER_KEY to the new key for the next start',
  passphrase: 'set TORAN_MASTER_PASSPHRASE to the new one for the next start',
};

/** Wraps everything by another master key; the number of accounts. */
const rotate = async (
  { config, open }: VaultView,
  to: MasterKeyKind | null,
  around: SecretSurroundings,
): Promise<{ readonly kind: MasterKeyKind; readonly count: number }> => {
  const { vault } = await open();
  const file = new KeyFile(config.dataDirectory, new SystemRandom());
  const kind = to ?? config.masterKey.kind;
  if (kind === 'file') {
    const key = await file.stage();
    const count = await vault.rewrap({ key, kind, scrypt: null });
    await file.taken();
    return { kind, count };
  }
  const count = await vault.rewrap(await nextKey(kind, around));
  await file.remove();
  return { kind, count };
};

/** Adds `toran vault`. */
export const addVaultCommands = (program: Command, around: SecretSurroundings): void => {
  const vault = program.command('vault').description('stored secrets and the key that wraps them');
  vault
    .command('rotate')
    .description('wraps all stored secrets by a new master key; a gateway that runs goes on')
    .option('--to <kind>', 'file, key or passphrase; absent: the kind of now')
    .action((options: { to?: string }) =>
      withVault(around, async (view) => {
        const to = options.to === undefined ? null : kindOf(options.to);
        const { kind, count } = await rotate(view, to, around);
        await view.audit('vault.rotate', { kind, accounts: count });
        around.print([{ 'master key': kind, accounts: count, 'to do': AFTERWARDS[kind] }]);
      }),
    );
  vault
    .command('forget <account>')
    .description("deletes an account's credentials and destroys the key that they were sealed by")
    .action((name: string) =>
      withVault(around, async ({ accounts, store, audit }) => {
        const account = await accounts.resolve(name);
        // Works without the master key too.
        await store.forgetAccount(account.accountId);
        await audit('credentials.forget', { account: account.accountId });
        around.print([{ id: account.accountId, forgotten: true }]);
      }),
    );
  vault
    .command('reset')
    .description('gives up every stored secret, for when the master key is lost')
    .option('--yes', 'I shall enter all credentials again')
    .action((options: { yes?: boolean }) =>
      withVault(around, async ({ store, audit }) => {
        if (options.yes !== true) {
          throw new GatewayError('VALIDATION', '--yes: every account loses its credentials');
        }
        const lost = await store.clearVault();
        await audit('vault.reset', { accounts: lost });
        around.print(lost.map((id) => ({ id, forgotten: true })));
      }),
    );
};
