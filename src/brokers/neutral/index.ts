import { brokerId } from '../../core/domain/ids';
import type { BrokerModule } from '../../core/ports/broker';
import { createNeutralClient } from './adapter';
import { capabilities, taglessCapabilities } from './capabilities';
import { credentialsSchema } from './credentials';
import type { NeutralCredentials } from './credentials';
import { rateRules } from './limits';

/** The neutral broker: a simulator on loopback for drills, tests and benches. */
export const neutralModule: BrokerModule<NeutralCredentials> = {
  id: brokerId('neutral'),
  title: 'Neutral simulator',
  capabilities,
  rateRules,
  credentials: credentialsSchema,
  create: (account, credentials, ports) =>
    createNeutralClient(account, credentials, ports, capabilities),
};

/** The same broker, treated as one whose book may lose our tag. */
export const neutralTaglessModule: BrokerModule<NeutralCredentials> = {
  ...neutralModule,
  id: brokerId('neutral-tagless'),
  title: 'Neutral simulator, tags unreliable',
  capabilities: taglessCapabilities,
  create: (account, credentials, ports) =>
    createNeutralClient(account, credentials, ports, taglessCapabilities),
};

/** `module` with another time after which a command counts as unanswered, milliseconds; fault tests shorten it. */
export const withCommandTimeout = (
  module: BrokerModule,
  commandTimeoutMs: number,
): BrokerModule => {
  if (module.id !== neutralModule.id && module.id !== neutralTaglessModule.id) return module;
  const shortened = { ...module.capabilities, commandTimeoutMs };
  return {
    ...module,
    capabilities: shortened,
    create: (account, credentials, ports) =>
      createNeutralClient(account, credentialsSchema.parse(credentials), ports, shortened),
  };
};
