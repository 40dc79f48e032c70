import { brokerId } from '../../core/domain/ids';
import type { BrokerModule } from '../../core/ports/broker';
import { createIciciClient } from './adapter';
import { capabilities } from './capabilities';
import { credentialFields, credentialsSchema } from './credentials';
import type { IciciCredentials } from './credentials';
import { rateRules } from './limits';

/** ICICI Direct through its Breeze API. */
export const iciciModule: BrokerModule<IciciCredentials> = {
  id: brokerId('icici'),
  title: 'ICICI Direct (Breeze API)',
  capabilities,
  rateRules,
  credentials: credentialsSchema,
  credentialFields,
  create: (account, credentials, ports) =>
    createIciciClient(account, credentials, ports, capabilities),
};

/** Windows of this length and longer are shortened by haste: a shorter one would only measure this machine. */
const LONG_WINDOW_MS = 60_000;

/**
 * `module`, if it is this one, with every time of the broker `haste` times shorter: the command time-out, the
 * pace of the books, the minutes of the limits and the rest after them. For fault tests against a simulator
 * whose minutes are as short.
 */
export const withIciciHaste = (module: BrokerModule, haste: number): BrokerModule => {
  if (module.id !== iciciModule.id) return module;
  const { bookPace, commandTimeoutMs } = capabilities;
  const hasty = {
    ...capabilities,
    commandTimeoutMs: commandTimeoutMs / haste,
    ...(bookPace === undefined
      ? {}
      : {
          bookPace: {
            soonMs: bookPace.soonMs / haste,
            pollMs: bookPace.pollMs / haste,
            idleMs: bookPace.idleMs / haste,
            positionsMs: bookPace.positionsMs / haste,
          },
        }),
  };
  return {
    ...module,
    capabilities: hasty,
    rateRules: rateRules.map((rule) =>
      rule.resets === 'rolling' && rule.windowMs >= LONG_WINDOW_MS
        ? { ...rule, windowMs: rule.windowMs / haste }
        : rule,
    ),
    create: (account, credentials, ports) =>
      createIciciClient(account, credentialsSchema.parse(credentials), ports, hasty, haste),
  };
};
