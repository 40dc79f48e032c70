import { z } from 'zod';
import { createNeutralClient } from '../../src/brokers/neutral/adapter';
import { capabilities } from '../../src/brokers/neutral/capabilities';
import { rateRules } from '../../src/brokers/neutral/limits';
import { brokerId } from '../../src/core/domain/ids';
import type { BrokerModule, CredentialField } from '../../src/core/ports/broker';

/** A text without blanks that begins with a letter; its messages never hold the value. */
const word = z
  .string()
  .trim()
  .regex(/^\S+$/, 'has a blank inside; copy it again from the page of the broker');

const FIELDS: readonly CredentialField[] = [
  {
    name: 'apiKey',
    label: 'API key',
    secrecy: 'app',
    required: true,
    importedFrom: 'BROKER_API_KEY',
    schema: word,
  },
  {
    name: 'apiSecret',
    label: 'API secret',
    secrecy: 'app',
    required: true,
    importedFrom: 'BROKER_API_SECRET',
    schema: word,
  },
  { name: 'userId', label: 'Login id', secrecy: 'app', required: false, schema: word },
  // Without a check of its own, and with one that repeats what it refuses, as a careless one might.
  {
    name: 'password',
    label: 'Password',
    secrecy: 'login',
    required: false,
    schema: z.string().refine((text) => !text.includes(' '), {
      error: (issue) => `cannot be ${String(issue.input)}`,
    }),
  },
  {
    name: 'totpSecret',
    label: 'TOTP secret',
    secrecy: 'login',
    required: false,
    schema: z
      .string()
      .transform((text) => text.replace(/\s/g, '').toUpperCase())
      .refine(
        (text) => /^[A-Z2-7]{16,}=*$/.test(text),
        'is not base32: the long text beside the QR code',
      ),
  },
];

/** A broker that is called with its credentials: the simulator at `url` knows only the API key `practice`. */
export const credentialBroker = (url: string): BrokerModule => ({
  id: brokerId('vaulted'),
  title: 'Broker with credentials',
  capabilities,
  rateRules,
  credentials: z.strictObject({
    apiKey: z.string(),
    apiSecret: z.string(),
    userId: z.string().optional(),
  }),
  credentialFields: FIELDS,
  create: (account, credentials, ports) => {
    // Parsed by the schema above.
    const { apiKey } = credentials as { readonly apiKey: string };
    return createNeutralClient(account, { baseUrl: url, token: apiKey }, ports, capabilities);
  },
});
