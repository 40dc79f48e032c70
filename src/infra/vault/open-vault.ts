import type { Clock, Random } from '../../core/ports/clock';
import { StartupError } from '../startup-error';
import { KeyFile } from './key-file';
import type { KeyStore } from './key-store';
import { givenKey, givenPassphrase, readKeyText } from './master-key';
import type { MasterKeySource } from './master-key';
import { Vault } from './vault';

/** Where the settings say that the master key is. */
export interface MasterKeySetting {
  readonly dataDirectory: string;
  readonly masterKey:
    { readonly kind: 'file' } | { readonly kind: 'key' | 'passphrase'; readonly text: string };
}

export const masterKeySource = (
  { dataDirectory, masterKey }: MasterKeySetting,
  random: Random,
): MasterKeySource => {
  if (masterKey.kind === 'file') return new KeyFile(dataDirectory, random);
  if (masterKey.kind === 'passphrase') return givenPassphrase(masterKey.text, random);
  const bytes = readKeyText(masterKey.text);
  // The settings checked it.
  if (bytes === null) throw new StartupError('TORAN_MASTER_KEY must be 32 bytes in base64 or hex.');
  return givenKey(bytes);
};

/** The vault of the ledger that `store` is a part of. @throws StartupError */
export const openVault = (
  setting: MasterKeySetting,
  store: KeyStore,
  clock: Clock,
  random: Random,
): Promise<Vault> => Vault.open({ store, source: masterKeySource(setting, random), clock, random });
