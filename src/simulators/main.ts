import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { faultChancesSchema, ordinaryMisbehaviour } from './core/faults';
import type { FaultPlan } from './core/faults';
import { rateLimitSchema } from './core/rate-meter';
import { userSchema } from './icici/sessions';
import { startIciciSimulator } from './icici/simulator';
import { startNeutralSimulator } from './neutral/simulator';
import type { NeutralSimulatorOptions } from './neutral/simulator';

const USAGE =
  'usage: main.js neutral|icici [--port N] [--control-port N] [--log FILE] [--limits JSON] ' +
  '[--chances FILE] [--seed N] [--keep-alive-ms N]\n' +
  '  neutral: [--token T]\n' +
  '  icici: [--api-session N] [--feeds-port N] [--users FILE] [--cooldown-ms N] [--timestamp-window-ms N] [--skew-ms N]';

const port = z.coerce.number().int().min(0).max(65_535);
const whole = z.coerce.number().int();

const OPTIONS = {
  port: { type: 'string', default: '0' },
  'control-port': { type: 'string', default: '0' },
  log: { type: 'string' },
  limits: { type: 'string' },
  chances: { type: 'string' },
  seed: { type: 'string' },
  'keep-alive-ms': { type: 'string', default: '5000' },
} as const;
const NEUTRAL_OPTIONS = {
  ...OPTIONS,
  token: { type: 'string', default: 'simulated-token' },
} as const;
const ICICI_OPTIONS = {
  ...OPTIONS,
  'feeds-port': { type: 'string', default: '0' },
  'api-session': { type: 'string' },
  users: { type: 'string' },
  'cooldown-ms': { type: 'string', default: '0' },
  'timestamp-window-ms': { type: 'string' },
  'skew-ms': { type: 'string', default: '0' },
} as const;

/** A simulator that runs, and the line it greets with. */
interface Running {
  readonly hello: object;
  close(): Promise<void>;
}
interface CommonValues {
  readonly port: string;
  readonly 'control-port': string;
  readonly log?: string | undefined;
  readonly limits?: string | undefined;
  readonly 'keep-alive-ms': string;
  readonly chances?: string | undefined;
  readonly seed?: string | undefined;
}

const common = (
  values: CommonValues,
): Pick<
  NeutralSimulatorOptions,
  'port' | 'controlPort' | 'logFile' | 'keepAliveMs' | 'limits'
> => ({
  port: port.parse(values.port),
  controlPort: port.parse(values['control-port']),
  logFile: values.log ?? null,
  keepAliveMs: whole.min(1).parse(values['keep-alive-ms']),
  ...(values.limits === undefined
    ? {}
    : { limits: z.array(rateLimitSchema).parse(JSON.parse(values.limits)) }),
});

const startNeutral = async (args: string[]): Promise<Running> => {
  const { values } = parseArgs({ args, options: NEUTRAL_OPTIONS });
  const simulator = await startNeutralSimulator({ ...common(values), token: values.token });
  misbehave(simulator.plan, values);
  const { url, controlUrl } = simulator;
  return { hello: { broker: 'neutral', url, controlUrl }, close: () => simulator.close() };
};

const startIcici = async (args: string[]): Promise<Running> => {
  const { values } = parseArgs({ args, options: ICICI_OPTIONS });
  const { users, 'api-session': apiSession, 'timestamp-window-ms': window } = values;
  const simulator = await startIciciSimulator({
    ...common(values),
    feedsPort: port.parse(values['feeds-port']),
    cooldownMs: whole.min(0).parse(values['cooldown-ms']),
    skewMs: whole.parse(values['skew-ms']),
    ...(apiSession === undefined ? {} : { apiSession }),
    ...(window === undefined ? {} : { timestampWindowMs: whole.min(0).parse(window) }),
    ...(users === undefined
      ? {}
      : {
          users: z
            .array(userSchema)
            .min(1)
            .parse(JSON.parse(readFileSync(users, 'utf8'))),
        }),
  });
  misbehave(simulator.plan, values);
  const { url, controlUrl, feedsUrl, apiUrl, historyUrl, masterUrl, loginUrl } = simulator;
  const hello = {
    broker: 'icici',
    url,
    controlUrl,
    feedsUrl,
    apiUrl,
    historyUrl,
    masterUrl,
    loginUrl,
  };
  return { hello, close: () => simulator.close() };
};

const misbehave = (plan: FaultPlan, values: CommonValues): void => {
  const seed = values.seed === undefined ? null : whole.parse(values.seed);
  if (values.chances !== undefined) {
    const planned = faultChancesSchema.parse(JSON.parse(readFileSync(values.chances, 'utf8')));
    plan.chance({ ...planned, seed: seed ?? planned.seed });
  } else if (seed !== null) plan.chance(ordinaryMisbehaviour(seed));
};

const BROKERS = new Map([
  ['neutral', startNeutral],
  ['icici', startIcici],
]);

/** Starts one simulator and prints one JSON line with its ports; ends on SIGTERM or SIGINT. */
const main = async (): Promise<void> => {
  const [name = '', ...args] = process.argv.slice(2);
  const start = BROKERS.get(name);
  if (start === undefined) throw new Error(USAGE);
  const simulator = await start(args);
  process.stdout.write(`${JSON.stringify({ ...simulator.hello, pid: process.pid })}\n`);
  const stop = (): void => {
    void simulator.close().then(() => {
      process.exit(0);
    });
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
};

main().catch((fault: unknown) => {
  process.stderr.write(`${fault instanceof Error ? fault.message : String(fault)}\n`);
  process.exitCode = 1;
});
