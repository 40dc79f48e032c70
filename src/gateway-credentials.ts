import type { GatewayOptions } from './gateway';
import { GatewayError } from './core/domain/errors';
import { readCharges, readSquareOffTimes } from './infra/seed-practice';

/** What the settings say about a broker, beside what the owner of an account gives. @throws GatewayError NO_SESSION when it cannot be used so */
export const brokerSettings = (
  { config, seedDirectory }: Pick<GatewayOptions, 'config' | 'seedDirectory'>,
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
