import { brokerId } from '../../core/domain/ids';
import type { BrokerModule } from '../../core/ports/broker';
import { PaperClient } from './adapter';
import { paperCapabilities } from './capabilities';
import { paperCredentials } from './credentials';
import type { PaperCredentials } from './credentials';
import { paperRateRules } from './limits';

/** The practice broker: a market that is replayed or made up, and no real money. */
export const paperModule: BrokerModule<PaperCredentials> = {
  id: brokerId('paper'),
  title: 'Paper (practice, no real money)',
  capabilities: paperCapabilities,
  rateRules: paperRateRules,
  credentials: paperCredentials,
  create: (account, credentials, ports) => new PaperClient(account, credentials, ports),
};
