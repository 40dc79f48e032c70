import { existsSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import { brokerModules } from '../brokers/registry';
import { loadConfig } from '../config';
import { GatewayError, isGatewayError } from '../core/domain/errors';
import { brokerOrderId, orderId } from '../core/domain/ids';
import { istDate } from '../core/domain/time';
import { explainOrder } from '../core/orders/explain';
import { createPractice } from '../core/orders/practice';
import { Accounts } from '../core/sessions/accounts';
import { LedgerApiKeys } from '../core/sessions/api-keys';
import type { Scope } from '../core/sessions/api-keys-types';
import { Hooks } from '../core/webhooks/hooks';
import { offlineInstruments } from '../infra/catalogue/offline-instruments';
import { SqliteLedger } from '../infra/ledger/sqlite-ledger';
import { SqliteWebhooks } from '../infra/ledger/sqlite-webhooks';
import { describeStartupFault, StartupError } from '../infra/startup-error';
import { SystemClock } from '../infra/system-clock';
import { SystemRandom } from '../infra/system-random';
import { addCredentialCommands } from './credentials';
import { drill } from './drill';
import { addLogin } from './login';
import { addMasters } from './masters';
import { renderLife } from './render-life';
import { renderTable } from './render-table';
import type { Row } from './render-table';
import { addVaultCommands } from './vault';
import type { SecretSurroundings } from './vault-session';
import { addWebhookCommands } from './webhooks';

/** Exit codes: 0 done, 1 a fault, 2 the command was wrong, 3 not found. */
const EXIT = { fault: 1, usage: 2, notFound: 3 } as const;
const SEED = path.join(__dirname, '..', '..', 'seed');
const SCOPES: readonly Scope[] = ['read', 'trade', 'admin'];

interface Session {
  readonly ledger: SqliteLedger;
  readonly keys: LedgerApiKeys;
  readonly accounts: Accounts;
  readonly clock: SystemClock;
}

const withLedger = async (work: (session: Session) => Promise<void>): Promise<void> => {
  const config = loadConfig(process.env);
  const file = path.join(config.dataDirectory, 'ledger.sqlite');
  if (!existsSync(file)) {
    throw new StartupError(
      `There is no ledger in ${config.dataDirectory}: run \`npm start\` once.`,
    );
  }
  const clock = new SystemClock();
  const random = new SystemRandom();
  const ledger = new SqliteLedger(file, clock, random);
  try {
    const offline = (): never => {
      throw new GatewayError('UNSUPPORTED', 'the command line does not call brokers');
    };
    await work({
      ledger,
      keys: new LedgerApiKeys(ledger, clock, random),
      accounts: new Accounts(ledger, clock, brokerModules, {
        credentials: offline,
        ports: offline,
      }),
      clock,
    });
  } finally {
    await ledger.close();
  }
};

const print = (json: boolean, rows: readonly Row[]): void => {
  process.stdout.write(json ? `${JSON.stringify(rows, null, 2)}\n` : renderTable(rows));
};

const program = new Command('toran')
  .description(
    'Looks into and steers this Toran; works while the gateway runs and while it does not.',
  )
  .option('--json', 'print JSON for scripts')
  // Before the commands, which copy it.
  .exitOverride();
const wantsJson = (): boolean => program.opts<{ json?: boolean }>().json === true;

program
  .command('explain <orderid>')
  .description("one order's whole life on one page")
  .action((id: string) =>
    withLedger(async ({ ledger }) => {
      const life = await explainOrder(ledger, id);
      process.stdout.write(wantsJson() ? `${JSON.stringify(life, null, 2)}\n` : renderLife(life));
    }),
  );

const keys = program.command('keys').description('API keys');
keys
  .command('list', { isDefault: true })
  .description('all keys; their text is not stored')
  .action(() =>
    withLedger(async (session) => {
      const rows = (await session.keys.list()).map((key) => ({
        id: key.keyId,
        label: key.label,
        scopes: key.scopes.join(','),
        'per second': key.ratePerSecond,
        created: new Date(key.createdAt).toISOString(),
        revoked: key.revokedAt === null ? '' : new Date(key.revokedAt).toISOString(),
      }));
      print(wantsJson(), rows);
    }),
  );
keys
  .command('create')
  .description('makes a key and prints it once')
  .requiredOption('--label <text>', 'what it is for')
  .option('--scopes <list>', 'read, trade, admin, separated by commas', 'read,trade')
  .option('--rate <n>', 'calls per second', '50')
  .action((options: { label: string; scopes: string; rate: string }) =>
    withLedger(async (session) => {
      const words = options.scopes.split(',').map((word) => word.trim());
      const unknown = words.find((word) => !SCOPES.some((scope) => scope === word));
      if (unknown !== undefined) {
        throw new GatewayError(
          'VALIDATION',
          `--scopes: ${unknown} is none of ${SCOPES.join(', ')}`,
        );
      }
      const rate = Number(options.rate);
      if (!Number.isSafeInteger(rate) || rate < 1 || rate > 10_000) {
        throw new GatewayError('VALIDATION', '--rate: must be a whole number from 1 to 10000');
      }
      const scopes = SCOPES.filter((scope) => words.includes(scope));
      const { key, secret } = await session.keys.create(options.label, scopes, rate);
      const at = session.clock.now();
      await session.ledger.audit(at, 'cli', 'keys.create', { keyId: key.keyId, scopes });
      print(wantsJson(), [{ id: key.keyId, label: key.label, key: secret }]);
    }),
  );
keys
  .command('revoke <id>')
  .description('ends a key at once')
  .action((id: string) =>
    withLedger(async (session) => {
      if (!(await session.keys.revoke(id)))
        throw new GatewayError('KEY_NOT_FOUND', `no live key ${id}`);
      await session.ledger.audit(session.clock.now(), 'cli', 'keys.revoke', { keyId: id });
      print(wantsJson(), [{ id, revoked: true }]);
    }),
  );

const accounts = program.command('accounts').description('accounts: one login at one broker each');
accounts
  .command('list', { isDefault: true })
  .description('all accounts')
  .action(() =>
    withLedger(async (session) => {
      const rows = (await session.accounts.list()).map((account) => ({
        id: account.accountId,
        broker: account.broker,
        label: account.label,
        default: account.isDefault ? 'yes' : '',
        simulated: session.accounts.module(account).capabilities.simulated ? 'yes' : '',
        live: session.accounts.needsLive(account) ? (account.live ? 'yes' : 'no') : '',
        'practice of': account.twinOf ?? '',
        stopped: account.stoppedReason ?? '',
      }));
      print(wantsJson(), rows);
    }),
  );
accounts
  .command('add')
  .description('adds an account')
  .requiredOption('--broker <id>', 'for example paper')
  .requiredOption('--login <name>', 'the login at the broker; for paper any name')
  .option('--label <text>', 'how you call it; the login when absent')
  .action((options: { broker: string; login: string; label?: string }) =>
    withLedger(async (session) => {
      const { broker, login } = options;
      const account = await session.accounts.add({ broker, login, label: options.label ?? login });
      const at = session.clock.now();
      await session.ledger.audit(at, 'cli', 'accounts.add', { account: account.accountId });
      print(wantsJson(), [{ id: account.accountId, label: account.label }]);
    }),
  );
accounts
  .command('default <account>')
  .description('sets the account of calls that name none')
  .action((name: string) =>
    withLedger(async (session) => {
      const account = await session.accounts.resolve(name);
      await session.ledger.setDefaultAccount(account.accountId);
      await session.ledger.audit(session.clock.now(), 'cli', 'accounts.default', {
        account: account.accountId,
      });
      print(wantsJson(), [{ id: account.accountId, default: true }]);
    }),
  );

accounts
  .command('live <account> <switch>')
  .description('on: new orders go to the real market; off: to the practice twin')
  .option('--confirm <label>', "the account's label; needed with on")
  .action((name: string, word: string, options: { confirm?: string }) =>
    withLedger(async (session) => {
      if (word !== 'on' && word !== 'off') throw new GatewayError('VALIDATION', 'say on or off');
      const account = await session.accounts.resolve(name);
      if (word === 'on' && options.confirm !== account.label) {
        throw new GatewayError('VALIDATION', '--confirm: must be the label of the account');
      }
      const practice = createPractice(session.ledger, session.accounts, session.clock);
      const open = await practice.setLive(account.accountId, word === 'on', 'cli');
      print(wantsJson(), [
        {
          id: account.accountId,
          live: word === 'on',
          analyzer: (await practice.analyzer()).on ? 'on' : 'off',
          'open practice orders': open.practice,
          'open live orders': open.live,
        },
      ]);
    }),
  );

program
  .command('orders')
  .description('orders in doubt')
  .command('resolve <orderid>')
  .description("a person's word on an order in doubt; written to the audit log")
  .option('--adopt <brokerId>', 'it is this order at the broker')
  .option('--not-placed', 'the broker does not have it')
  .option('--reason <text>', 'how you know; needed with --not-placed')
  .action((id: string, options: { adopt?: string; notPlaced?: boolean; reason?: string }) =>
    withLedger(async (session) => {
      const { adopt, notPlaced, reason } = options;
      if ((adopt === undefined) === (notPlaced !== true)) {
        throw new GatewayError('VALIDATION', 'give either --adopt or --not-placed');
      }
      if (adopt === undefined && (reason === undefined || reason.trim() === '')) {
        throw new GatewayError('VALIDATION', '--reason: say how you know');
      }
      const verdict =
        adopt === undefined ? { notPlaced: reason ?? '' } : { adopt: brokerOrderId(adopt) };
      const at = session.clock.now();
      const order = await session.ledger.resolveDoubt(orderId(id), verdict, at, 'cli');
      print(wantsJson(), [{ id: order.orderId, state: order.state }]);
    }),
  );

addLogin(program, {
  withLogin: (work) =>
    withLedger(({ accounts: known, keys: apiKeys, ledger, clock }) =>
      work({
        config: loadConfig(process.env),
        account: (name) => known.resolve(name),
        withKey: async (use) => {
          const own = process.env['TORAN_API_KEY'];
          if (own !== undefined && own !== '') return use(own);
          const { key, secret } = await apiKeys.create('toran login', ['admin'], 10);
          await ledger.audit(clock.now(), 'cli', 'keys.create', { keyId: key.keyId, for: 'login' });
          try {
            return await use(secret);
          } finally {
            await apiKeys.revoke(key.keyId);
          }
        },
      }),
    ),
  print: (rows) => {
    print(wantsJson(), rows);
  },
});

const secrets: SecretSurroundings = {
  withLedger: (work) =>
    withLedger(({ ledger, accounts: known, clock }) =>
      work({
        config: loadConfig(process.env),
        accounts: known,
        audit: (action, detail) => ledger.audit(clock.now(), 'cli', action, detail),
        now: () => clock.now(),
      }),
    ),
  print: (rows) => {
    print(wantsJson(), rows);
  },
  say: (text) => process.stderr.write(text),
  input: process.stdin,
};
addCredentialCommands(program, accounts, secrets);
addVaultCommands(program, secrets);

addMasters(program, (rows) => {
  print(wantsJson(), rows);
});

addWebhookCommands(program, {
  withWebhooks: (work) =>
    withLedger(async ({ ledger, accounts, clock }) => {
      const random = new SystemRandom();
      const { dataDirectory } = loadConfig(process.env);
      const store = new SqliteWebhooks(path.join(dataDirectory, 'ledger.sqlite'), clock, random);
      const instruments = offlineInstruments(dataDirectory, SEED, istDate(clock.now()));
      try {
        await work({
          hooks: new Hooks(store, clock, random),
          instruments,
          account: (name) => accounts.resolve(name),
          audit: (action, detail) => ledger.audit(clock.now(), 'cli', action, detail),
          now: () => clock.now(),
        });
      } finally {
        instruments.close();
        store.close();
      }
    }),
  print: (rows) => {
    print(wantsJson(), rows);
  },
  wantsJson,
  say: (text) => process.stdout.write(`${text}\n`),
});

program
  .command('drill')
  .description(
    'ten safe seconds: Toran kills itself mid-order against a simulator and shows the proof',
  )
  .action(async () => {
    const holds = await drill((line) => process.stdout.write(`${line}\n`));
    if (!holds) process.exitCode = EXIT.fault;
  });

/** A group's default command would take a misspelt one for its own argument and complain of that. */
const refuseUnknown = (words: readonly string[]): void => {
  const [group, word] = words.filter((each) => each !== '--json');
  const known = program.commands.find((command) => command.name() === group)?.commands ?? [];
  if (known.length === 0 || word === undefined || word.startsWith('-')) return;
  const names = [...known.map((command) => command.name()), 'help'];
  if (names.includes(word)) return;
  program.error(`error: unknown command '${group} ${word}'; there are: ${names.join(', ')}`);
};

const run = async (): Promise<void> => {
  refuseUnknown(process.argv.slice(2));
  await program.parseAsync(process.argv);
};

run().catch((error: unknown) => {
  if (error instanceof Error && 'exitCode' in error && typeof error.exitCode === 'number') {
    process.exitCode = error.exitCode === 0 ? 0 : EXIT.usage; // commander has said why
    return;
  }
  const text = isGatewayError(error) ? error.message : describeStartupFault(error);
  process.stderr.write(`${text}\n`);
  process.exitCode = !isGatewayError(error)
    ? EXIT.fault
    : error.code === 'ORDER_NOT_FOUND' ||
        error.code === 'KEY_NOT_FOUND' ||
        error.code === 'WEBHOOK_NOT_FOUND'
      ? EXIT.notFound
      : EXIT.usage;
});
