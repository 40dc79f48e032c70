import { isIP } from 'node:net';
import path from 'node:path';
import { z } from 'zod';
import { isAddressRange } from './api/webhooks/addresses';
import { StartupError } from './infra/startup-error';
import { readKeyText } from './infra/vault/master-key';

const ROLES = ['api', 'worker', 'login'] as const;
/** Shorter ones are guessed although each guess is dear. */
const LEAST_PASSPHRASE = 12;
const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
const LOOPBACK_HOSTS = ['localhost', '127.0.0.1', '[::1]'] as const;
const MAX_WAIT_MS = 86_400_000;

const wholeNumber = (least: number, most: number): z.ZodType<number> =>
  z
    .string()
    .regex(/^\d{1,15}$/, `must be a whole number from ${least} to ${most}`)
    .transform(Number)
    .refine((value) => value >= least && value <= most, `must be from ${least} to ${most}`);

const yesOrNo = z
  .enum(['yes', 'no', 'true', 'false', '1', '0'], 'must be yes or no')
  .transform((word) => word === 'yes' || word === 'true' || word === '1');

const listOf = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

const urlOf = (protocols: readonly string[], meaning: string): z.ZodType<string> =>
  z.string().refine((text) => {
    const url = URL.canParse(text) ? new URL(text) : null;
    return url !== null && protocols.includes(url.protocol) && url.hostname !== '';
  }, `must be ${meaning}`);

const loopbackUrl = urlOf(['http:'], 'an http:// address on this machine').refine(
  (text) => ['localhost', '127.0.0.1', '[::1]'].includes(URL.parse(text)?.hostname ?? ''),
  'must be an http:// address on this machine',
);

/** A token travels there: only this machine may be called without TLS. */
const safeUrl = urlOf(['https:', 'http:'], 'an https:// address').refine((text) => {
  const url = URL.parse(text);
  if (url === null) return false;
  return url.protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
}, 'must be an https:// address');

const host = z.string().regex(/^[\w.:-]+$/, 'must be an address or a host name');
const allowedHost = z
  .string()
  .regex(/^[\w.-]+$|^\[[\da-fA-F:]+\]$/, 'must be host names separated by commas, without a port');

const addressRange = z
  .string()
  .refine(isAddressRange, 'must be addresses or networks such as 10.0.0.0/8, separated by commas');

/** Every variable: how its text is read, and the text that stands for an absent one. */
const VARIABLES = {
  TORAN_HOST: host.default('127.0.0.1'),
  TORAN_PORT: wholeNumber(0, 65_535).default(5000),
  TORAN_DATA: z
    .string()
    .default('./data')
    .transform((text) => path.resolve(text)),
  REDIS_URL: urlOf(['redis:', 'rediss:'], 'an address such as redis://127.0.0.1:6379').optional(),
  TORAN_ALLOWED_HOSTS: z.string().default('').transform(listOf).pipe(z.array(allowedHost)),
  TORAN_LOG_LEVEL: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`).default('info'),
  TORAN_LOG_PRETTY: yesOrNo.default(false),
  TORAN_ROLES: z
    .string()
    .default('api,worker,login')
    .transform(listOf)
    .pipe(
      z
        .array(z.enum(ROLES, `must be one or more of ${ROLES.join(', ')}, separated by commas`))
        .min(1, 'must name at least one role'),
    ),
  TORAN_MASTER_KEY: z
    .string()
    .trim()
    .refine((text) => readKeyText(text) !== null, 'must be 32 bytes in base64 or hex')
    .optional(),
  TORAN_MASTER_PASSPHRASE: z
    .string()
    .trim()
    .min(LEAST_PASSPHRASE, `must have at least ${LEAST_PASSPHRASE} characters`)
    .optional(),
  TORAN_ORDER_WAIT_MS: wholeNumber(0, 60_000).default(10_000),
  TORAN_WEBHOOK_WAIT_MS: wholeNumber(0, 60_000).default(2_500),
  TORAN_TRUSTED_PROXIES: z.string().default('').transform(listOf).pipe(z.array(addressRange)),
  TORAN_SEND_BY_MS: wholeNumber(50, 60_000).default(2_000),
  TORAN_ORDER_DEADLINE_MS: wholeNumber(100, MAX_WAIT_MS).default(30_000),
  TORAN_EXIT_DEADLINE_MS: wholeNumber(100, MAX_WAIT_MS).default(120_000),
  TORAN_MARKET: z.enum(['simulated', 'replay'], 'must be simulated or replay').default('simulated'),
  TORAN_MARKET_SEED: wholeNumber(0, 4_294_967_295).default(1),
  TORAN_REPLAY_FILES: z.string().default('').transform(listOf),
  TORAN_REPLAY_SPEED: z
    .string()
    .regex(/^\d{1,6}(\.\d{1,3})?$/, 'must be a number above 0, at most 100000')
    .transform(Number)
    .refine((speed) => speed > 0 && speed <= 100_000, 'must be a number above 0, at most 100000')
    .default(1),
  TORAN_REPLAY_START: z.iso
    .datetime({ offset: true, error: 'must be a time such as 2026-01-08T09:15:00+05:30' })
    .transform((text) => Date.parse(text))
    .optional(),
  TORAN_PAPER_CASH: z
    .string()
    .regex(/^\d{1,12}(\.\d{1,2})?$/, 'must be an amount in rupees such as 10000000')
    .default('10000000'),
  TORAN_PAPER_CHARGES: yesOrNo.default(true),
  TORAN_PAPER_SQUARE_OFF: yesOrNo.default(true),
  TORAN_PAPER_ENTRY_HOURS: z.enum(['exchange', 'always'], 'must be exchange or always').optional(),
  TORAN_ICICI_API_URL: safeUrl.optional(),
  TORAN_ICICI_HISTORY_URL: safeUrl.optional(),
  TORAN_ICICI_LOGIN_URL: safeUrl.optional(),
  TORAN_ICICI_FEEDS_URL: safeUrl.optional(),
  TORAN_ICICI_MASTER_URL: safeUrl.optional(),
  TORAN_ICICI_HASTE: wholeNumber(1, 100).optional(),
  TORAN_NEUTRAL_URL: loopbackUrl.optional(),
  TORAN_NEUTRAL_TIMEOUT_MS: wholeNumber(50, 60_000).optional(),
  TORAN_NEUTRAL_RATES: z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: 'custom', message: 'must be JSON' });
        return z.NEVER;
      }
    })
    .optional(),
  TORAN_OUTGOING_ADDRESS: z
    .string()
    .refine((text) => isIP(text) !== 0, 'must be an address such as 203.0.113.7')
    .optional(),
  TORAN_MASTER_TIME: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of the day in India such as 08:05')
    .default('08:05'),
  TORAN_METRICS_HOST: host.default('127.0.0.1'),
  TORAN_METRICS_PORT: wholeNumber(0, 65_535).default(0),
  TORAN_CRASH_POINT: z
    .string()
    .regex(/^[\w:.-]{1,80}$/, 'must be the name of a crash point')
    .optional(),
} as const;

/** Every variable that Toran reads. */
export const VARIABLE_NAMES: readonly string[] = Object.keys(VARIABLES);

/** Taken out of the environment once they were read. */
export const SECRET_VARIABLES: readonly string[] = ['TORAN_MASTER_KEY', 'TORAN_MASTER_PASSPHRASE'];

/** Read by the tests and by callers such as the examples, not by the gateway. */
const OTHER_NAMES: readonly string[] = ['TORAN_TEST_DATA', 'TORAN_URL', 'TORAN_API_KEY'];

const schema = z.object(VARIABLES).superRefine((read, context) => {
  const problem = (variable: string, message: string): void => {
    context.addIssue({ code: 'custom', path: [variable], message });
  };
  if (read.TORAN_MARKET === 'replay' && read.TORAN_REPLAY_FILES.length === 0) {
    problem('TORAN_REPLAY_FILES', 'must name the candle files when TORAN_MARKET is replay');
  }
  for (const name of [
    'TORAN_CRASH_POINT',
    'TORAN_NEUTRAL_TIMEOUT_MS',
    'TORAN_NEUTRAL_RATES',
  ] as const) {
    if (read[name] !== undefined && read.TORAN_NEUTRAL_URL === undefined) {
      problem(name, 'is for tests only and needs TORAN_NEUTRAL_URL');
    }
  }
  const breeze = read.TORAN_ICICI_API_URL;
  if (read.TORAN_ICICI_HASTE !== undefined && !loopbackUrl.safeParse(breeze).success) {
    problem('TORAN_ICICI_HASTE', 'is for tests only and needs TORAN_ICICI_API_URL on this machine');
  }
  if (read.TORAN_MASTER_KEY !== undefined && read.TORAN_MASTER_PASSPHRASE !== undefined) {
    problem('TORAN_MASTER_PASSPHRASE', 'must not be set together with TORAN_MASTER_KEY');
  }
  if (read.TORAN_SEND_BY_MS > read.TORAN_ORDER_DEADLINE_MS) {
    problem('TORAN_SEND_BY_MS', 'must not be longer than TORAN_ORDER_DEADLINE_MS');
  }
});

/** All settings of one process, read once. Times in milliseconds, money in rupees. */
export interface Config {
  readonly host: string;
  /** 0: the system chooses. */
  readonly port: number;
  /** Absolute path of the folder that holds everything Toran writes. */
  readonly dataDirectory: string;
  /** Null: Toran runs its own Redis. May contain a password. */
  readonly redisUrl: string | null;
  /** Host names that a request may be addressed to, lower case, without ports. */
  readonly allowedHosts: readonly string[];
  readonly log: { readonly level: (typeof LOG_LEVELS)[number]; readonly pretty: boolean };
  readonly roles: readonly (typeof ROLES)[number][];
  /** Where the key comes from that wraps what the vault holds. Secret. */
  readonly masterKey:
    | { readonly kind: 'file' }
    /** 32 bytes in base64 or hex. */
    | { readonly kind: 'key'; readonly text: string }
    | { readonly kind: 'passphrase'; readonly text: string };
  /** How long a caller waits for the outcome of an order before it gets the state so far. */
  readonly orderWaitMs: number;
  readonly webhookWaitMs: number;
  /** Addresses and networks whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[];
  /** How long after the claim the first byte of a command may still leave. */
  readonly sendByMs: number;
  /** How long an entry may wait for its turn. */
  readonly orderDeadlineMs: number;
  /** The same for an exit. */
  readonly exitDeadlineMs: number;
  readonly market:
    | { readonly kind: 'simulated'; readonly seed: number }
    | {
        readonly kind: 'replay';
        /** Files, folders or patterns, as written. */
        readonly files: readonly string[];
        /** Recorded seconds per second. */
        readonly speed: number;
        /** Epoch ms; null: the first candle. */
        readonly startAt: number | null;
      };
  /** Rupees, decimal text. */
  readonly paperCash: string;
  readonly paper: {
    /** Whether practice trades pay brokerage, taxes and fees. */
    readonly charges: boolean;
    /** Whether intraday positions of practice accounts are closed at the time of the exchange. */
    readonly squareOff: boolean;
    /** Whether intraday entries are refused after that time and before 09:00. */
    readonly entryWindow: boolean;
  };
  /** Addresses of the Breeze API that are not its usual ones, by their names in the adapter's settings. */
  readonly iciciEndpoints: Readonly<Record<string, string>>;
  /** How many times shorter the Breeze adapter's times are than at the broker, against a simulator; null outside tests. */
  readonly iciciHaste: number | null;
  /** The practice broker simulator of drills and tests; null outside them. */
  readonly neutralUrl: string | null;
  /** When a command of that broker counts as unanswered; null: its own figure. */
  readonly neutralTimeoutMs: number | null;
  /** Rate rules of the practice simulator's accounts, for benches; the adapter checks them. */
  readonly neutralRates: unknown;
  /** The address from which brokers see this machine call; null: not stated. */
  readonly outgoingAddress: string | null;
  /** Instrument masters that are fetched each day. */
  readonly masters: {
    /** `HH:MM`, IST. */
    readonly time: string;
    /** By broker; null: where the broker publishes it. */
    readonly urls: Readonly<Record<string, string | null>>;
  };
  /** Port null: on the main port, for loopback callers only. */
  readonly metrics: { readonly host: string; readonly port: number | null };
  /** Where a test wants the process to end itself; null otherwise. */
  readonly crashPoint: string | null;
}

/**
 * The settings that `env` describes. An empty variable counts as absent.
 * @throws StartupError one sentence that names the variable: wrong, unknown, or missing
 */
export const loadConfig = (env: Readonly<Record<string, string | undefined>>): Config => {
  const given = Object.entries(env).filter(([, text]) => text !== undefined && text !== '');
  for (const [name] of given) {
    if (!name.startsWith('TORAN_') || OTHER_NAMES.includes(name)) continue;
    if (!VARIABLE_NAMES.includes(name)) {
      throw new StartupError(
        `There is no variable ${name}: did you mean ${nearest(name, VARIABLE_NAMES)}?`,
      );
    }
  }
  const parsed = schema.safeParse(Object.fromEntries(given));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new StartupError(
      `The variable ${String(issue?.path[0])} ${issue?.message ?? 'is wrong'}: correct it in the environment or in .env.`,
    );
  }
  return deepFreeze(toConfig(parsed.data));
};

const toConfig = (read: z.output<typeof schema>): Config => ({
  host: read.TORAN_HOST,
  port: read.TORAN_PORT,
  dataDirectory: read.TORAN_DATA,
  redisUrl: read.REDIS_URL ?? null,
  allowedHosts: [...LOOPBACK_HOSTS, ...read.TORAN_ALLOWED_HOSTS.map((name) => name.toLowerCase())],
  log: { level: read.TORAN_LOG_LEVEL, pretty: read.TORAN_LOG_PRETTY },
  roles: read.TORAN_ROLES,
  masterKey:
    read.TORAN_MASTER_KEY !== undefined
      ? { kind: 'key', text: read.TORAN_MASTER_KEY }
      : read.TORAN_MASTER_PASSPHRASE !== undefined
        ? { kind: 'passphrase', text: read.TORAN_MASTER_PASSPHRASE }
        : { kind: 'file' },
  orderWaitMs: read.TORAN_ORDER_WAIT_MS,
  webhookWaitMs: read.TORAN_WEBHOOK_WAIT_MS,
  trustedProxies: read.TORAN_TRUSTED_PROXIES,
  sendByMs: read.TORAN_SEND_BY_MS,
  orderDeadlineMs: read.TORAN_ORDER_DEADLINE_MS,
  exitDeadlineMs: read.TORAN_EXIT_DEADLINE_MS,
  market:
    read.TORAN_MARKET === 'simulated'
      ? { kind: 'simulated', seed: read.TORAN_MARKET_SEED }
      : {
          kind: 'replay',
          files: read.TORAN_REPLAY_FILES,
          speed: read.TORAN_REPLAY_SPEED,
          startAt: read.TORAN_REPLAY_START ?? null,
        },
  paperCash: read.TORAN_PAPER_CASH,
  paper: {
    charges: read.TORAN_PAPER_CHARGES,
    squareOff: read.TORAN_PAPER_SQUARE_OFF,
    // The simulated market never closes, so that one can practise in the evening.
    entryWindow:
      (read.TORAN_PAPER_ENTRY_HOURS ?? (read.TORAN_MARKET === 'replay' ? 'exchange' : 'always')) ===
      'exchange',
  },
  iciciEndpoints: Object.fromEntries(
    Object.entries({
      api: read.TORAN_ICICI_API_URL,
      historical: read.TORAN_ICICI_HISTORY_URL,
      login: read.TORAN_ICICI_LOGIN_URL,
      feeds: read.TORAN_ICICI_FEEDS_URL,
    }).flatMap(([name, url]) => (url === undefined ? [] : [[name, url] as const])),
  ),
  iciciHaste: read.TORAN_ICICI_HASTE ?? null,
  neutralUrl: read.TORAN_NEUTRAL_URL ?? null,
  neutralTimeoutMs: read.TORAN_NEUTRAL_TIMEOUT_MS ?? null,
  neutralRates: read.TORAN_NEUTRAL_RATES ?? null,
  outgoingAddress: read.TORAN_OUTGOING_ADDRESS ?? null,
  masters: {
    time: read.TORAN_MASTER_TIME,
    urls: { icici: read.TORAN_ICICI_MASTER_URL ?? null },
  },
  metrics: {
    host: read.TORAN_METRICS_HOST,
    port: read.TORAN_METRICS_PORT === 0 ? null : read.TORAN_METRICS_PORT,
  },
  crashPoint: read.TORAN_CRASH_POINT ?? null,
});

const deepFreeze = <T extends object>(value: T): T => {
  for (const part of Object.values(value) as unknown[]) {
    if (typeof part === 'object' && part !== null) deepFreeze(part);
  }
  return Object.freeze(value);
};

/** The word that takes the fewest edits. */
const nearest = (word: string, words: readonly string[]): string =>
  words.reduce((best, next) => (distance(word, next) < distance(word, best) ? next : best));

/** Edits (insert, delete, replace) from one text to the other. */
const distance = (from: string, to: string): number => {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [index, letter] of Array.from(from).entries()) {
    const next = [index + 1];
    for (const [column, other] of Array.from(to).entries()) {
      next.push(
        Math.min(
          (next[column] ?? 0) + 1,
          (row[column + 1] ?? 0) + 1,
          (row[column] ?? 0) + (letter === other ? 0 : 1),
        ),
      );
    }
    row = next;
  }
  return row.at(-1) ?? 0;
};
