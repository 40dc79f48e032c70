import { describe, expect, it } from '@jest/globals';
import { credentialFields, credentialsSchema } from '../../../src/brokers/icici/credentials';

const check = (name: string, text: string): string => {
  const field = credentialFields.find((one) => one.name === name);
  if (field === undefined) throw new Error(`no field ${name}`);
  const read = field.schema.safeParse(text);
  return read.success ? `= ${read.data}` : (read.error.issues[0]?.message ?? '');
};

describe('a credential', () => {
  it.each([
    ['apiKey', ' 8c7Q1&5#sAmPleAppKey^42 ', '= 8c7Q1&5#sAmPleAppKey^42'],
    ['password', 'a b€c', '= a b€c'],
    ['totpSecret', 'jbsw y3dp-ehpk 3pxp==', '= JBSWY3DPEHPK3PXP'],
  ])('%s is taken', (name, text, read) => {
    expect(check(name, text)).toBe(read);
  });

  it.each([
    ['apiKey', '', 'is empty'],
    ['apiKey', '8c7Q1 5sAmPle', 'blank or a line break inside'],
    ['apiKey', '8c7Q1%265%23s', 'as in an address'],
    ['apiSecret', 's3cr3t–demo', 'typographic dash'],
    ['apiSecret', 'x'.repeat(201), 'longer than 200'],
    ['password', '', 'is empty'],
    ['password', ' secret', 'begins or ends with a blank'],
    ['totpSecret', '492039', 'six-digit code'],
    ['totpSecret', 'otpauth://totp/x?secret=JBSWY3DPEHPK3PXP', 'after secret='],
    ['totpSecret', 'JBSWY3DPEHPK3PX1', 'not base32'],
    ['totpSecret', 'JBSWY3DP', 'shorter than 16'],
    ['totpSecret', '', 'not base32'],
  ])('%s "%s" is refused with what is wrong', (name, text, words) => {
    expect(check(name, text)).toContain(words);
  });

  it('is never repeated in what is said about it', () => {
    for (const { name } of credentialFields) {
      for (const text of ['blank inside MARK', 'MARK–', 'MARK1', 'MARK'.repeat(60), ' MARK']) {
        const said = check(name, text);
        if (!said.startsWith('= ')) expect(said).not.toContain('MARK');
      }
    }
  });

  it('is for the login alone only where no call needs it, and has its name in a .env', () => {
    expect(credentialFields.map((one) => [one.name, one.secrecy, one.importedFrom])).toEqual([
      ['apiKey', 'app', 'BROKER_API_KEY'],
      ['apiSecret', 'app', 'BROKER_API_SECRET'],
      ['password', 'login', undefined],
      ['totpSecret', 'login', undefined],
    ]);
  });
});

describe('the addresses', () => {
  const keys = { apiKey: 'key', apiSecret: 'secret' };

  it('are those of ICICI unless told', () => {
    expect(credentialsSchema.parse(keys).endpoints).toEqual({
      api: 'https://api.icicidirect.com/breezeapi/api/v1',
      historical: 'https://breezeapi.icicidirect.com/api/v2',
      login: 'https://api.icicidirect.com/apiuser/login',
      feeds: 'https://livefeeds.icicidirect.com',
    });
  });

  it('can be moved one by one, to this machine without TLS', () => {
    const endpoints = { api: 'http://127.0.0.1:7700/breezeapi/api/v1/' };
    expect(credentialsSchema.parse({ ...keys, endpoints }).endpoints).toMatchObject({
      api: 'http://127.0.0.1:7700/breezeapi/api/v1',
      feeds: 'https://livefeeds.icicidirect.com',
    });
  });

  it.each([
    'http://api.example.com',
    'http://127.0.0.1.example.com',
    'https://user:pass@api.example.com',
    'ftp://127.0.0.1',
    'api.example.com',
  ])('are refused when the token would be readable on the way: %s', (api) => {
    expect(credentialsSchema.safeParse({ ...keys, endpoints: { api } }).success).toBe(false);
  });
});
