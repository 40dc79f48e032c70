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
