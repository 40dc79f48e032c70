import { describe, expect, it } from '@jest/globals';
import { checksum, signedHeaders, signedTime } from '../../../src/brokers/icici/signing';
import { epochMs } from '../../../src/core/domain/ids';

const KEYS = { apiKey: '8c7Q1&5#sAmPleAppKey^42', apiSecret: 's3cr3t$Demo=Key*2026' };
const AT = '2026-11-16T03:45:07.000Z';

describe('the checksum', () => {
  it.each([
    ['an empty object', '{}', '8d4d8747c43f590fe5e65d4a4d76b557d7023492041d1a587a2bb7f679dd8395'],
    [
      'a small body',
      '{"exchange_code":"NSE"}',
      '9475abd8ebbd9e55177dde4a12c54d1ac65187c2d5b4012e7518f831bc45609b',
    ],
    [
      'an order',
      '{"stock_code":"ITC","exchange_code":"NSE","product":"cash","action":"buy","order_type":"limit","quantity":"1","price":"305","validity":"day","order_segment_code":"","settlement_id":""}',
      '3093fee4e5bfd61e5be42b8e1fcec88b871ec31539b43ab3b04c77aa1ee290c0',
    ],
    [
      'letters outside ASCII, as UTF-8',
      '{"user_remark":"₹ test"}',
      '12bd9cbe477123659c52aae0f91ed21c3113082549a980cd2d09392deb82f48b',
    ],
  ])('of %s is the computed one', (_what, body, hash) => {
    expect(checksum(AT, body, KEYS.apiSecret)).toBe(hash);
  });

  it.each([
    ['a blank after the colon', '{"exchange_code": "NSE"}', 'de0ab586594aecba'],
    ['no body at all', '', 'fece571f116a9c79'],
  ])('of %s is another one', (_what, body, hash) => {
    expect(checksum(AT, body, KEYS.apiSecret).startsWith(hash)).toBe(true);
  });
});

describe('the signed headers', () => {
  it('carry the time in whole seconds, the key as it is and the token as it came', () => {
    const headers = signedHeaders(
      KEYS,
      'QUIxMjM0NTY6NTU1MTIzNDU=',
      '{"exchange_code":"NSE"}',
      epochMs(Date.parse('2026-11-16T03:45:07.893Z')),
    );
    expect(headers).toEqual({
      'content-type': 'application/json',
      'x-checksum': 'token 9475abd8ebbd9e55177dde4a12c54d1ac65187c2d5b4012e7518f831bc45609b',
      'x-timestamp': AT,
      'x-appkey': '8c7Q1&5#sAmPleAppKey^42',
      'x-sessiontoken': 'QUIxMjM0NTY6NTU1MTIzNDU=',
    });
  });

  it('write the milliseconds as zeros at any instant', () => {
    expect(signedTime(epochMs(Date.parse('2026-01-02T00:00:59.999Z')))).toBe(
      '2026-01-02T00:00:59.000Z',
    );
  });
});
