import { GatewayError } from '../../core/domain/errors';
import { brokerId } from '../../core/domain/ids';
import type { BrokerModule, RateRule } from '../../core/ports/broker';
import { createTemplateClient } from './adapter';
import { capabilities } from './capabilities';
import { credentialsSchema } from './credentials';
import type { TemplateCredentials } from './credentials';

/** A broker to copy: it compiles, and every card of the contract suite fails with "not implemented". */
export const templateModule: BrokerModule<TemplateCredentials> = {
  id: brokerId('template'),
  title: 'Template',
  capabilities,
  // Write limits.ts from the broker's documents: one rule per line, each with its source.
  get rateRules(): readonly RateRule[] {
    throw new GatewayError('NOT_IMPLEMENTED', 'template: the rate rules are not implemented');
  },
  credentials: credentialsSchema,
  // A real one is made from (account, credentials, ports).
  create: () => createTemplateClient(),
};
