import type { Command } from 'commander';
import { z } from 'zod';
import type { Config } from '../config';
import type { Account } from '../core/domain/account';
import { GatewayError } from '../core/domain/errors';
import { StartupError } from '../infra/startup-error';
import { HiddenPrompt, readPiped } from './secret-input';
import type { Row } from './render-table';

/** What the command needs of the running command line. */
export interface LoginSession {
  readonly config: Pick<Config, 'host' | 'port'>;
  account(name: string): Promise<Account>;
  /** Runs `work` with an admin key that is revoked afterwards. */
  withKey<T>(work: (key: string) => Promise<T>): Promise<T>;
}

interface Surroundings {
  readonly withLogin: (work: (session: LoginSession) => Promise<void>) => Promise<void>;
  readonly print: (rows: readonly Row[]) => void;
}

const answerSchema = z.object({
  message: z.string().optional(),
  code: z.string().optional(),
  url: z.string().optional(),
  session_expires_at: z.string().optional(),
  seconds_left: z.number().optional(),
});
type Answer = z.infer<typeof answerSchema>;

/** Faults of the one who typed the command; the rest is a fault of the login or of the gateway. */
const USAGE = ['VALIDATION', 'UNSUPPORTED', 'ACCOUNT_UNKNOWN'] as const;
/** A key made a moment ago may be unknown to the gateway for this long. */
const KEY_SEEN_MS = 250;

/** The gateway of the same settings. @throws StartupError */
const baseOf = ({ host, port }: LoginSession['config']): string => {
  if (port === 0) {
    throw new StartupError('TORAN_PORT is 0: give the port on which Toran listens, then log in.');
  }
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${String(port)}`;
};

/** One call of the running gateway, which alone talks to brokers. @throws GatewayError, StartupError */
const call = async (
  { config }: LoginSession,
  key: string,
  account: Account,
  pasted: string | null,
): Promise<Answer> => {
  const base = baseOf(config);
  const send = (): Promise<Response> =>
    fetch(`${base}/api/admin/accounts/${account.accountId}/login`, {
      method: pasted === null ? 'GET' : 'POST',
      headers: { 'x-api-key': key, 'content-type': 'application/json' },
      ...(pasted === null ? {} : { body: JSON.stringify({ pasted }) }),
    });
  let response: Response;
  try {
    response = await send();
    if (response.status === 401) {
      await new Promise((resolve) => setTimeout(resolve, KEY_SEEN_MS));
      response = await send();
    }
  } catch {
    throw new StartupError(
      `No Toran answers at ${base}: start it with \`npm start\`, then log in.`,
    );
  }
  const read = answerSchema.safeParse(await response.json().catch(() => null));
  if (response.status === 200 && read.success) return read.data;
  const said = read.data?.message ?? `${base} answered ${String(response.status)}`;
  const code = USAGE.find((known) => known === read.data?.code);
  throw code === undefined ? new StartupError(said) : new GatewayError(code, said);
};

const MOST = 4096;

/** What was pasted at a terminal, which does not show it; else all of the input. @throws GatewayError VALIDATION */
const readPasted = async (): Promise<string> => {
  const { stdin, stderr } = process;
  if (!stdin.isTTY) return (await readPiped(stdin)).trim();
  const prompt = new HiddenPrompt(stdin, (text) => stderr.write(text));
  try {
    const line = await prompt.ask(
      'Paste the whole address at which the browser ended (it is not shown), then Enter: ',
    );
    return line.trim();
  } finally {
    prompt.close();
  }
};

/** Adds `toran login`. What is pasted is never an argument, where every process could read it. */
export const addLogin = (program: Command, { withLogin, print }: Surroundings): void => {
  program
    .command('login <account>')
    .description("gives an account its day's session; Toran must be running")
    .option('--url', 'print where the login begins')
    .option('--paste', 'then read the address at which the browser ended')
    .action((name: string, options: { url?: boolean; paste?: boolean }) =>
      withLogin(async (session) => {
        if ((options.url === true) === (options.paste === true)) {
          throw new GatewayError('VALIDATION', 'give either --paste or --url');
        }
        const account = await session.account(name);
        await session.withKey(async (key) => {
          const { url = '' } = await call(session, key, account, null);
          if (options.url === true) {
            print([{ account: account.accountId, url }]);
            return;
          }
          process.stderr.write(`Open this address in a browser and log in as ${account.login}:\n`);
          process.stderr.write(`${url}\n`);
          const pasted = await readPasted();
          if (pasted === '') throw new GatewayError('VALIDATION', 'nothing was pasted');
          if (pasted.length > MOST)
            throw new GatewayError('VALIDATION', 'too long to be an address');
          const done = await call(session, key, account, pasted);
          print([
            {
              account: account.accountId,
              'session until': done.session_expires_at ?? '',
              'seconds left': done.seconds_left ?? 0,
            },
          ]);
        });
      }),
    );
};
