import { describe, expect, it } from '@jest/globals';
import { sessionNumber } from '../../../src/brokers/icici/session';
import type { SessionGrant } from '../../../src/core/ports/broker';
import { answered, publishedAnswer, refusal } from '../../support/icici';
import { scriptedClient, success, TOKEN } from '../../support/icici-client';
import type { ScriptedClient } from '../../support/icici-client';

const CUSTOMER = publishedAnswer('get_customer_details')['Success'] as Record<string, unknown>; // as published
const exchange = (scripted: ScriptedClient, pasted = '55512345'): Promise<SessionGrant> => {
  const { login } = scripted.client.session;
  if (login === undefined) throw new Error('there is a login');
  return login.exchange(pasted, scripted.context());
};

describe('what a person pastes', () => {
  it.each([
    ['the number', ' 55512345\n'],
    ['the redirect address', 'https://127.0.0.1/?apisession=55512345'],
    ['another spelling in it', 'http://127.0.0.1:5000/icici/callback?API_Session=55512345&x=1'],
    ['the parameters alone', '?apisession=55512345'],
    ['the field of the form', 'API_Session=55512345'],
    ['the number twice', 'https://127.0.0.1/?apisession=55512345&API_Session=55512345'],
  ])('is read when it is %s', (_what, pasted) => {
    expect(sessionNumber(pasted)).toBe('55512345');
  });

  it.each([
    ['nothing', ''],
    ['a TOTP code with letters', '49a039'],
    ['three digits', '123'],
    ['another address', 'https://127.0.0.1/?code=SECRETMARK'],
    ['two different numbers', 'https://127.0.0.1/?apisession=55512345&API_Session=55512346'],
    ['the API key', 'SECRETMARK&5#sAmPle'],
  ])('is refused, and not repeated, when it is %s', (_what, pasted) => {
    expect(() => sessionNumber(pasted)).toThrow(expect.objectContaining({ code: 'VALIDATION' }));
    expect(() => sessionNumber(pasted)).not.toThrow('SECRETMARK');
  });
});

describe('a login', () => {
  it('begins at an address with the encoded API key', () => {
    expect(scriptedClient().client.session.login?.url()).toBe(
      'https://api.icicidirect.com/apiuser/login?api_key=8c7Q1%265%23sAmPleAppKey%5E42',
    );
  });

  it('gives the token as it came, its owner, and midnight in India as its end', async () => {
    const scripted = scriptedClient(() => success({ ...CUSTOMER, session_token: TOKEN }));
    expect(await exchange(scripted)).toEqual({
      token: TOKEN,
      identity: 'FAKEUSER01',
      expiresAt: Date.parse('2025-02-06T00:00:00+05:30'),
    });
    expect(scripted.paced()).toBe(1);
    expect(scripted.calls).toMatchObject([
      {
        method: 'GET',
        path: 'customerdetails',
        body: { SessionToken: '55512345', AppKey: '8c7Q1&5#sAmPleAppKey^42' },
      },
    ]);
    expect(Object.keys(scripted.calls[0]?.request.headers ?? {}).sort()).toEqual([
      'content-type',
      'user-agent',
    ]);
  });

  it.each([
    ['Invalid session.', 'of no login'],
    ['Public Key does not exist.', 'does not know the API key'],
    ['Resource not available', 'is over'],
    ['Something is wrong', 'outage'],
    ['Error while calling service, Please contact admin (T2:155)', 'outage'],
  ])('that is refused with "%s" says so, with the fix', async (words, fix) => {
    const refused = exchange(scriptedClient(() => refusal(words)));
    await expect(refused).rejects.toMatchObject({ code: 'LOGIN_FAILED' });
    await expect(refused).rejects.toThrow(words);
    await expect(refused).rejects.toThrow(fix);
  });

  it.each([
    ['an answer without a token', success({ ...CUSTOMER, session_token: '' }), 'session_token'],
    [
      'a token with a line break',
      success({ ...CUSTOMER, session_token: 'QUI\r\nX-Other: 1' }),
      'session_token',
    ],
    ['a page', answered('<html>', 503), 'HTTP 503'],
  ])('that meets %s is an error', async (_what, answer, words) => {
    await expect(exchange(scriptedClient(() => answer))).rejects.toThrow(words);
  });

  it('leaves out of the books what the account may not trade', async () => {
    const scripted = scriptedClient((call) =>
      call.path === 'customerdetails'
        ? success({ ...CUSTOMER, segments_allowed: { Equity: 'Y', Derivatives: 'N' } })
        : null,
    );
    const exchanges = async (): Promise<(string | undefined)[]> => {
      scripted.calls.length = 0;
      await scripted.client.reports.orders(scripted.context());
      return scripted.calls.map((call) => call.body['exchange_code']);
    };
    expect(await exchanges()).toEqual(['NSE', 'BSE', 'NFO', 'BFO']);
    await exchange(scripted);
    expect(await exchanges()).toEqual(['NSE', 'BSE']);
  });
});

describe('a session', () => {
  const CHECKSUM = { Status: 5, Error: 'Authentication Fail :: Invalid Checksum.' };

  it('is live when a signed call is answered', async () => {
    const scripted = scriptedClient(() => success({}));
    expect(await scripted.client.session.probe(scripted.context())).toBe('live');
  });

  it('that the broker calls dead is reported with its words and not used again', async () => {
    const scripted = scriptedClient(() => answered(CHECKSUM, 401));
    expect(await scripted.client.session.probe(scripted.context())).toBe('expired');
    expect(scripted.died).toEqual([`${TOKEN} Authentication Fail :: Invalid Checksum.`]);
    expect(await scripted.client.session.probe(scripted.context())).toBe('expired');
    expect(scripted.calls).toHaveLength(1);
  });

  it('that could not be asked about is neither', async () => {
    const scripted = scriptedClient(() => answered('<html>', 502));
    await expect(scripted.client.session.probe(scripted.context())).rejects.toMatchObject({
      code: 'SCHEMA',
    });
  });
});
