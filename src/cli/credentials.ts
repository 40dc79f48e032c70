import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import type { Command } from 'commander';
import type { Account } from '../core/domain/account';
import { GatewayError } from '../core/domain/errors';
import { checkedCredentials } from '../core/sessions/credential-check';
import type { Credentials } from '../core/sessions/credentials';
import { loginFields } from '../core/sessions/credentials';
import { totpAt } from '../infra/totp';
import { HiddenPrompt, namedValues, readPiped } from './secret-input';
import type { Row } from './render-table';
import { presenceRows, withVault } from './vault-session';
import type { SecretSurroundings, VaultView } from './vault-session';

const DAY_MS = 86_400_000;

/** What a person types, field by field; an empty line keeps what is there. */
const asked = async (
  credentials: Credentials,
  account: Account,
  around: SecretSurroundings,
  now: number,
): Promise<Readonly<Record<string, string>>> => {
  const fields = await credentials.presence(account);
  const entered: Record<string, string> = {};
  const prompt = new HiddenPrompt(around.input, around.say);
  try {
    for (const { name, label, updatedAt } of fields) {
      const age = updatedAt === null ? null : Math.floor((now - updatedAt) / DAY_MS);
      const state = age === null ? 'not set' : `set ${age} days ago; Enter keeps it`;
      const text = await prompt.ask(`${label} (${name}, ${state}): `);
      if (text !== '') entered[name] = text;
    }
  } finally {
    prompt.close();
  }
  return entered;
};

const credentialsCommand = async (
  view: VaultView,
  name: string,
  around: SecretSurroundings,
): Promise<void> => {
  const account = await view.accounts.resolve(name);
  const { credentials } = await view.open();
  if (credentials.fieldsOf(account).length === 0) {
    throw new GatewayError('VALIDATION', `the broker ${account.broker} takes no credentials`);
  }
  const entered =
    around.input.isTTY === true
      ? await asked(credentials, account, around, view.now())
      : namedValues(await readPiped(around.input));
  if (Object.keys(entered).length > 0) {
    const fields = await credentials.set(account, entered);
    await view.audit('credentials.set', { account: account.accountId, fields });
  }
  around.print(await presenceRows(credentials, account));
};

interface ImportOptions {
  readonly broker?: string;
  readonly account?: string;
  readonly login?: string;
  readonly label?: string;
}

const wrong = (message: string): GatewayError => new GatewayError('VALIDATION', message);

const readEnvFile = (file: string): NodeJS.Dict<string> => {
  try {
    return parseEnv(readFileSync(file, 'utf8'));
  } catch (error) {
    throw wrong(`file: ${error instanceof Error ? error.message : String(error)}`);
  }
};

/** OpenAlgo writes the broker into the path: `https://host/zerodha/callback`. */
const brokerOf = (redirect: string | undefined): string | null =>
  URL.parse(redirect ?? '')?.pathname.match(/^\/([a-z0-9_-]+)\/callback\/?$/)?.[1] ?? null;

const chosenBroker = (values: NodeJS.Dict<string>, given: string | undefined): string => {
  const written = brokerOf(values['REDIRECT_URL']);
  if (given !== undefined && written !== null && given !== written) {
    throw wrong(`--broker: the REDIRECT_URL of the file is for ${written}, not for ${given}`);
  }
  const broker = given ?? written;
  if (broker === null) {
    throw wrong(
      '--broker: the file has no REDIRECT_URL that ends in /BROKER/callback; name the broker',
    );
  }
  return broker;
};

/** The account that the options name; null when it has to be added. */
const chosenAccount = async (
  { accounts }: VaultView,
  broker: string,
  options: ImportOptions,
): Promise<Account | null> => {
  if (options.account !== undefined) {
    const account = await accounts.resolve(options.account);
    if (account.broker === broker) return account;
    throw wrong(
      `--account: ${account.accountId} is at ${account.broker}, the file is for ${broker}`,
    );
  }
  const known = (await accounts.list()).filter((account) => account.broker === broker);
  if (options.login !== undefined) {
    return known.find((account) => account.login === options.login) ?? null;
  }
  const [only, ...more] = known;
  if (only === undefined) throw wrong(`--login: your login id at ${broker}, for a new account`);
  if (more.length === 0) return only;
  throw wrong(`--account: one of ${known.map((account) => account.accountId).join(', ')}`);
};

/** OpenAlgo's sample file has `YOUR_BROKER_API_KEY` in place of the key. */
const isPlaceholder = (text: string): boolean => /^your[_ -]/i.test(text.trim());

const importCommand = async (
  view: VaultView,
  file: string,
  options: ImportOptions,
  around: SecretSurroundings,
): Promise<void> => {
  const values = readEnvFile(file);
  const broker = chosenBroker(values, options.broker);
  const { credentials } = await view.open();
  const { accounts } = view;
  const fields = credentials.fieldsOf({ broker: accounts.moduleOf(broker).id });
  const results = new Map<string, string>();
  const entered: Record<string, string> = {};
  for (const { name, importedFrom } of fields) {
    const text = importedFrom === undefined ? undefined : values[importedFrom];
    if (importedFrom === undefined || text === undefined || text.trim() === '') continue;
    if (isPlaceholder(text)) results.set(name, `${importedFrom} is still the sample`);
    else {
      entered[name] = text;
      results.set(name, `taken from ${importedFrom}`);
    }
  }
  if (Object.keys(entered).length === 0) {
    const names = fields.flatMap((field) => field.importedFrom ?? []);
    throw wrong(
      names.length === 0
        ? `the broker ${broker} takes nothing from such a file`
        : `the file has none of ${names.join(', ')}`,
    );
  }
  // Before an account is made for them.
  checkedCredentials(fields, entered);
  const login = options.login ?? '';
  const account =
    (await chosenAccount(view, broker, options)) ??
    (await accounts.add({ broker, login, label: options.label ?? login }));
  await credentials.set(account, entered);
  await view.audit('accounts.import', {
    account: account.accountId,
    fields: Object.keys(entered),
  });
  const rows = await presenceRows(credentials, account);
  around.print(
    rows.map((row): Row => {
      const missing = row['set'] === '' ? 'missing' : 'kept';
      return {
        account: account.accountId,
        ...row,
        import: results.get(String(row['field'])) ?? missing,
      };
    }),
  );
};

const totpCommand = async (
  view: VaultView,
  name: string,
  show: boolean,
  around: SecretSurroundings,
): Promise<void> => {
  if (!view.config.roles.includes('login')) {
    throw wrong('TORAN_ROLES: only where the role login runs may a TOTP seed be opened');
  }
  const account = await view.accounts.resolve(name);
  const { vault, credentials } = await view.open();
  const field = credentials
    .fieldsOf(account)
    .find((one) => one.secrecy === 'login' && one.name.startsWith('totp'));
  if (field === undefined) throw wrong(`the broker ${account.broker} has no TOTP seed`);
  const values = await loginFields(await vault.loginReader(), view.store, account.accountId);
  const seed = values.get(field.name);
  if (seed === undefined) throw wrong(`${field.name}: is not set for ${account.accountId}`);
  const { code, secondsLeft } = totpAt(seed, view.now());
  around.print([{ id: account.accountId, 'seconds left': secondsLeft, ...(show ? { code } : {}) }]);
};

/** Adds `toran accounts credentials`, `toran accounts import` and `toran totp`. */
export const addCredentialCommands = (
  program: Command,
  accounts: Command,
  around: SecretSurroundings,
): void => {
  accounts
    .command('credentials <account>')
    .description('asks for the credentials, or reads name=value lines from standard input')
    .action((name: string) => withVault(around, (view) => credentialsCommand(view, name, around)));
  accounts
    .command('import <file>')
    .description('takes the credentials of a .env of OpenAlgo')
    .option('--broker <id>', 'absent: the one in REDIRECT_URL')
    .option('--account <name>', 'absent: the only account of that broker')
    .option('--login <id>', 'your login id at the broker; adds the account when it is new')
    .option('--label <text>', 'how you call a new account; the login when absent')
    .action((file: string, options: ImportOptions) =>
      withVault(around, (view) => importCommand(view, file, options, around)),
    );
  program
    .command('totp')
    .description('one-time codes for logins')
    .command('test <account>')
    .description('opens the stored seed and says for how long its code of now counts')
    .option('--show', 'print the code too')
    .action((name: string, options: { show?: boolean }) =>
      withVault(around, (view) => totpCommand(view, name, options.show === true, around)),
    );
};
