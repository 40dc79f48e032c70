import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { loadConfig, SECRET_VARIABLES } from './config';
import type { Config } from './config';
import { startGateway } from './gateway';
import type { Gateway } from './gateway';
import { coreDumps } from './infra/core-dumps';
import { crashAt } from './infra/crash-point';
import { createLogger } from './infra/pino-logger';
import { describeStartupFault } from './infra/startup-error';

/** Calls per second of the first key. */
const FIRST_KEY_RATE = 50;

const run = async (): Promise<void> => {
  const config = loadConfig(process.env);
  // Nothing that looks at the environment later, nor a child process, shall find them there.
  for (const name of SECRET_VARIABLES) Reflect.deleteProperty(process.env, name);
  const logger = createLogger({ level: config.log.level, pretty: config.log.pretty });
  if (coreDumps() === 'on') {
    logger.warn(
      {},
      'core dumps are on, and would hold open secrets: start with `npm start`, or set `ulimit -c 0`',
    );
  }
  const gateway = await startGateway({
    config,
    logger,
    searchPath: process.env['PATH'] ?? '',
    seedDirectory: path.join(__dirname, '..', 'seed'),
    crashPoint: crashAt(config.crashPoint),
  });
  closeOnSignal(gateway);
  await greet(config, gateway);
};

const closeOnSignal = (gateway: Gateway): void => {
  let closing = false;
  const close = (): void => {
    if (closing) return;
    closing = true;
    gateway.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGTERM', close);
  process.on('SIGINT', close);
};

/** Tells a person where it listens, how to get a key, and a line to paste. */
const greet = async (config: Config, gateway: Gateway): Promise<void> => {
  const say = (line: string): void => {
    process.stdout.write(`${line}\n`);
  };
  if (gateway.address === null) {
    say(`Toran runs its worker; roles: ${config.roles.join(', ')}.`);
    return;
  }
  const host = gateway.address.host.includes(':')
    ? `[${gateway.address.host}]`
    : gateway.address.host;
  const base = `http://${host}:${String(gateway.address.port)}`;
  say('');
  say(`Toran listens on ${base}`);
  say(`Paper account "paper", prices: ${gateway.marketLabel}. No real order can be sent.`);
  const keyText = await firstKey(config, gateway, say);
  if (keyText === null) {
    say(
      'API keys: `npm run toran -- keys list`, a new one: `npm run toran -- keys create --label NAME`.',
    );
    say('');
    return;
  }
  const call = (name: string, fields: string): string =>
    `curl -s ${base}/api/v1/${name} -H 'Content-Type: application/json' -d '{"apikey":"'"${keyText}"'"${fields}}'`;
  const order =
    ',"strategy":"first","exchange":"NSE","symbol":"SBIN","action":"BUY","quantity":"1","pricetype":"MARKET","product":"MIS"';
  say('Your first paper order, to paste into another terminal as it stands:');
  say('');
  say(`${call('placeorder', order)}; echo; sleep 1; ${call('orderbook', '')}; echo`);
  say('');
};

/** Shell text that expands to a key, null when keys exist and their text is nowhere any more. */
const firstKey = async (
  config: Config,
  gateway: Gateway,
  say: (line: string) => void,
): Promise<string | null> => {
  const file = path.join(config.dataDirectory, 'first-api-key');
  const keys = await gateway.keys.list();
  if (keys.length > 0) return existsSync(file) ? `$(cat '${file}')` : null;
  const { secret } = await gateway.keys.create('first', ['read', 'trade', 'admin'], FIRST_KEY_RATE);
  if (process.stdout.isTTY) {
    say(`Your first API key, shown only now: ${secret}`);
    return secret;
  }
  writeFileSync(file, `${secret}\n`, { mode: 0o600 });
  chmodSync(file, 0o600);
  say(`Your first API key is in ${file} (only you can read it).`);
  return `$(cat '${file}')`;
};

run().catch((error: unknown) => {
  process.stderr.write(`${describeStartupFault(error)}\n`);
  process.exitCode = 1;
  // Redis or a socket may still hold the process; there is nothing left to wait for.
  setTimeout(() => process.exit(1), 100).unref();
});
