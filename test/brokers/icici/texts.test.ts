import { describe, expect, it } from '@jest/globals';
import { readText } from '../../../src/brokers/icici/texts';

describe('a text of the broker', () => {
  it.each([
    ['Authentication Fail :: Invalid Checksum.', 'dead-session'],
    ['authentication fail ::  INVALID CHECKSUM', 'dead-session'],
    ['Limit exceed: API call per minute:Try after some time', 'minute-limit'],
    ['Limit exceed: API call per day: ', 'day-limit'],
    ['No Data Found', 'nothing-found'],
    ['No data found.', 'nothing-found'],
    ['No Positions available.', 'nothing-found'],
    ['Error while calling service, Please contact admin (T2:155)', 'service-failure'],
    ['TPETIME - timeout occured (T2:176)', 'service-failure'],
    ['TPESVCFAIL', 'service-failure'],
    [
      'Currently, We are not able to process your request. Please try after some time',
      'service-failure',
    ],
    ['Invalid Market/Limit indicator:', 'refusal'],
    ['Wallet Amount is not sufficient to allocate', 'refusal'],
    ['Request Object is Null or Empty', 'unclear'],
    ['Resource not available.', 'unclear'],
  ])('%s means %s', (text, meaning) => {
    expect(readText(text)).toEqual({ meaning, listed: true });
  });

  it.each([
    ['Insufficient limits for this order', 'refusal'],
    ['Order quantity should be a multiple of lot size', 'refusal'],
    ['Request received from an IP that is not registered', 'refusal'],
    ['Order is already cancelled', 'refusal'],
    // A refusal and a failure in one text: the order may have gone through.
    ['Invalid response received from exchange', 'service-failure'],
    ['Order could not be confirmed, please try later', 'service-failure'],
    ['RMS (T10:55)', 'service-failure'],
    ['Request timed out', 'service-failure'],
    ['Something happened', 'unclear'],
    ['', 'unclear'],
  ])('that is in no list, "%s", means %s by its words', (text, meaning) => {
    expect(readText(text)).toEqual({ meaning, listed: false });
  });
});
