import { withIciciHaste } from './brokers/icici';
import { withCommandTimeout } from './brokers/neutral';
import { brokerModules } from './brokers/registry';
import type { Config } from './config';
import type { Account } from './core/domain/account';
import { GatewayError } from './core/domain/errors';
import type { BrokerModule } from './core/ports/broker';
import { readCharges, readSquareOffTimes } from './infra/seed-practice';

/** Every broker of this instance and `more`, with the times that tests shorten. */
export const modulesOf = (
  { neutralTimeoutMs, iciciHaste }: Config,
  more: readonly BrokerModule[],
): readonly BrokerModule[] =>
  [...brokerModules, ...more]
    .map((module) => (iciciHaste === null ? module : withIciciHaste(module, iciciHaste)))
    .map((module) =>
      neutralTimeoutMs === null ? module : withCommandTimeout(module, neutralTimeoutMs),
    );

/** What the settings say about a broker, beside what the owner of an account gives. */
export const brokerSettings = (config: Config, broker: string): object => {
  const { iciciEndpoints: endpoints, outgoingAddress } = config;
  return broker === 'icici' ? { endpoints, outgoingAddress } : {};
};

/** Neither of these brokers has a secret: one is ours, the other a simulator on loopback. */
export const practiceCredentials = (
  config: Config,
  seedDirectory: string,
  account: Account,
): unknown => {
  if (account.broker === 'paper') {
    const { charges, squareOff, entryWindow } = config.paper;
    return {
      startingCash: config.paperCash,
      charges: charges ? readCharges(seedDirectory) : [],
      squareOff: squareOff ? { times: readSquareOffTimes(seedDirectory), entryWindow } : null,
    };
  }
  if (config.neutralUrl === null) {
    throw new GatewayError('NO_SESSION', 'the practice simulator is not configured');
  }
  const rates = config.neutralRates === null ? {} : { rates: config.neutralRates };
  return { baseUrl: config.neutralUrl, token: 'practice', ...rates };
};
