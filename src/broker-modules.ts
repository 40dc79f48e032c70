import { withIciciHaste } from './brokers/icici';
import { withCommandTimeout } from './brokers/neutral';
import { brokerModules } from './brokers/registry';
import type { Config } from './config';
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

/** What the settings say about a broker, beside what the owner of an account gives. @throws GatewayError NO_SESSION when it cannot be used so */
export const brokerSettings = (
  { config, seedDirectory }: { readonly config: Config; readonly seedDirectory: string },
  broker: string,
): object => {
  if (broker === 'paper') {
    const { charges, squareOff, entryWindow } = config.paper;
    return {
      startingCash: config.paperCash,
      charges: charges ? readCharges(seedDirectory) : [],
      squareOff: squareOff ? { times: readSquareOffTimes(seedDirectory), entryWindow } : null,
    };
  }
  if (broker === 'icici') {
    const { iciciEndpoints: endpoints, outgoingAddress } = config;
    return { endpoints, outgoingAddress };
  }
  if (!broker.startsWith('neutral')) return {};
  if (config.neutralUrl === null) {
    throw new GatewayError('NO_SESSION', 'the practice simulator is not configured');
  }
  const rates = config.neutralRates === null ? {} : { rates: config.neutralRates };
  return { baseUrl: config.neutralUrl, token: 'practice', ...rates };
};
