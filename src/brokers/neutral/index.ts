import { brokerId } from '../../core/domain/ids';
import type { BrokerModule } from '../../core/ports/broker';
import { createNeutralClient } from './adapter';
import { capabilities, liveCapabilities, taglessCapabilities } from './capabilities';
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

/** The same broker, treated as one of real money: it trades live only after its owner's word. */
export const neutralLiveModule: BrokerModule<NeutralCredentials> = {
  ...neutralModule,
  id: brokerId('neutral-live'),
  title: 'Neutral simulator, behind the live switch',
  capabilities: liveCapabilities,
  create: (account, credentials, ports) =>
    createNeutralClient(account, credentials, ports, liveCapabilities),
};

const NEUTRAL_IDS: ReadonlySet<string> = new Set(
  [neutralModule, neutralTaglessModule, neutralLiveModule].map((module) => module.id),
);

/** `module` with another time after which a command counts as unanswered, milliseconds; fault tests shorten it. */
export const withCommandTimeout = (
  module: BrokerModule,
  commandTimeoutMs: number,
): BrokerModule => {
  if (!NEUTRAL_IDS.has(module.id)) return module;
  const shortened = { ...module.capabilities, commandTimeoutMs };
  return {
    ...module,
    capabilities: shortened,
    create: (account, credentials, ports) =>
      createNeutralClient(account, credentialsSchema.parse(credentials), ports, shortened),
  };
};
