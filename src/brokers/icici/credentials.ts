import { z } from 'zod';
import type { CredentialField } from '../../core/ports/broker';

const LOOPBACK = /^(localhost|\[::1\]|127(\.\d{1,3}){3})$/;

const isSafeUrl = (text: string): boolean => {
  const url = URL.parse(text);
  if (url?.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.test(url.hostname));
};

/** An address without a slash at its end; plain http only to this machine, because the token travels in it. */
const address = z
  .string()
  .refine(isSafeUrl, 'must be https, or http on a loopback address')
  .transform((text) => text.replace(/\/+$/, ''));

/** Where Breeze is. Each can be moved by the settings: the hosts have moved twice in four years. */
export const iciciEndpoints = z.strictObject({
  /** v1 of the API. */
  api: address.default('https://api.icicidirect.com/breezeapi/api/v1'),
  /** v2, for candles. */
  historical: address.default('https://breezeapi.icicidirect.com/api/v2'),
  /** Where a person logs in; the API key is added. */
  login: address.default('https://api.icicidirect.com/apiuser/login'),
  /** Order notifications. */
  feeds: address.default('https://livefeeds.icicidirect.com'),
});
export type IciciEndpoints = z.infer<typeof iciciEndpoints>;

/** What the module is created with: the `app` fields of the account, and the settings. */
export const credentialsSchema = z.strictObject({
  apiKey: z.string().min(1),
  apiSecret: z.string().min(1),
  endpoints: iciciEndpoints.default(() => iciciEndpoints.parse({})),
  /** The address that the broker sees, shown with a refusal that nobody knows; null: not known. */
  outgoingAddress: z.string().min(1).nullable().default(null),
});
export type IciciCredentials = z.infer<typeof credentialsSchema>;

const PORTAL = 'the app page of the Breeze API portal';

/** A key of the app: printable letters and signs, as it goes into a header. */
const keyText = (name: string): z.ZodType<string> =>
  z
    .string()
    .trim()
    .min(1, `${name} is empty: copy it from ${PORTAL}`)
    .max(200, `${name} is longer than 200 letters: copy only the key itself from ${PORTAL}`)
    .refine(
      (text) => !/\s/.test(text),
      `${name} has a blank or a line break inside: copy it anew from ${PORTAL}`,
    )
    .refine(
      (text) => !/%[0-9A-Fa-f]{2}/.test(text),
      `${name} is written as in an address (%26 for &): copy it as ${PORTAL} shows it`,
    )
    .refine(
      (text) => /^[!-~]*$/.test(text),
      `${name} has a letter that no key has, for example a typographic dash: copy it anew from ${PORTAL}`,
    );

const password = z
  .string()
  .min(1, 'the password is empty')
  .max(100, 'the password is longer than 100 letters')
  .refine((text) => text.trim() === text, 'the password begins or ends with a blank')
  .refine((text) => !/[\r\n]/.test(text), 'the password has a line break inside');

/** The letters and digits of base32; shown in groups, in small letters, with `=` at the end now and then. */
const totpSecret = z
  .string()
  .transform((text) => text.replace(/[\s-]/g, '').replace(/=+$/, '').toUpperCase())
  .refine(
    (text) => !/^\d{6}$/.test(text),
    'the TOTP secret looks like a six-digit code: enter the secret behind the QR code, not a code of the app',
  )
  .refine(
    (text) => !text.startsWith('OTPAUTH://'),
    'the TOTP secret is the whole otpauth address: enter only what stands after secret=',
  )
  .refine(
    (text) => /^[A-Z2-7]+$/.test(text),
    'the TOTP secret is not base32: it has letters A to Z and digits 2 to 7 only',
  )
  .refine(
    (text) => text.length >= 16,
    'the TOTP secret is shorter than 16 letters: copy all of it',
  );

/** What the owner gives. The login id is the account's own and no field. */
export const credentialFields: readonly CredentialField[] = [
  {
    name: 'apiKey',
    label: 'API key',
    secrecy: 'app',
    required: true,
    importedFrom: 'BROKER_API_KEY',
    schema: keyText('the API key'),
  },
  {
    name: 'apiSecret',
    label: 'API secret',
    secrecy: 'app',
    required: true,
    importedFrom: 'BROKER_API_SECRET',
    schema: keyText('the API secret'),
  },
  { name: 'password', label: 'Password', secrecy: 'login', required: false, schema: password },
  {
    name: 'totpSecret',
    label: 'TOTP secret (base32)',
    secrecy: 'login',
    required: false,
    schema: totpSecret,
  },
];
