import { z } from 'zod';
import { GatewayError } from '../../core/domain/errors';
import { epochMs } from '../../core/domain/ids';
import type { EpochMs } from '../../core/domain/ids';
import { DAY_MS, istDate, startOfIstDay } from '../../core/domain/time';
import type { BrokerPorts, CallContext, SessionFlow, SessionGrant } from '../../core/ports/broker';
import { parsed, queryError, readAnswer } from './errors';
import type { IciciAnswer } from './errors';
import type { IciciQuery } from './query';
import type { IciciRest } from './rest-client';
import type { RestTime } from './rest-time';
import { iciciCustomer } from './wire/account';

const WHAT = 'GET customerdetails';
const SESSION_NUMBER = /^\d{4,20}$/;
const PARAMETER = 'apisession';

/** A name of the number as it is compared: `API_Session`, `apisession` and `apiSession` are one. */
const isSessionName = (name: string): boolean =>
  name.toLowerCase().replaceAll('_', '') === PARAMETER;

/**
 * The number of a finished login, out of itself, the whole redirect address, or its parameters.
 * @throws GatewayError VALIDATION that does not repeat the text
 */
export const sessionNumber = (pasted: string): string => {
  const text = pasted.trim();
  if (SESSION_NUMBER.test(text)) return text;
  const url = URL.parse(text);
  const query = url === null ? text.slice(text.indexOf('?') + 1) : url.search.slice(1);
  const numbers = [...new URLSearchParams(query)]
    .filter(([name]) => isSessionName(name))
    .map(([, value]) => value.trim());
  const [number] = numbers;
  if (number !== undefined && new Set(numbers).size === 1 && SESSION_NUMBER.test(number)) {
    return number;
  }
  throw new GatewayError(
    'VALIDATION',
    'login: paste the number after apisession= in the address to which ICICI sent the browser, or that whole address',
    { field: 'login' },
  );
};

/** The end of a session that begins now: midnight in India, or after 24 hours, whichever comes first. */
const expiryOf = (now: EpochMs): EpochMs =>
  epochMs(Math.min(startOfIstDay(istDate(now)) + DAY_MS, now + DAY_MS));

/** What each documented refusal means, and what to do; compared as a part, without regard to case. */
const FIXES: readonly (readonly [part: string, fix: string])[] = [
  [
    'invalid session',
    'the number is of no login, or of one with another API key: log in anew and paste the new number',
  ],
  [
    'public key does not exist',
    'ICICI does not know the API key: copy it from the API portal; keys made before April 2026 were deleted there',
  ],
  [
    'resource not available',
    'the login behind this number is over: log in anew and paste the new number',
  ],
];
const GENERAL_FIX = 'log in anew; if it says so again, look whether ICICI has an outage';

const refusal = (words: string): string => {
  const known = FIXES.find(([part]) => words.toLowerCase().includes(part));
  return `ICICI refused the login: "${words}"; ${known?.[1] ?? GENERAL_FIX}`;
};

const wordsOf = (answer: IciciAnswer): string | null => {
  switch (answer.kind) {
    case 'refused':
    case 'unproven':
    case 'nothing-found':
    case 'dead-session':
      return answer.words;
    case 'success':
    case 'limit':
    case 'server-error':
    case 'unreadable':
    case 'no-answer':
      return null;
  }
};

/** `page` with the key of the app, whether or not the configured address has an empty `?api_key=` already. */
const loginAddress = (page: string, apiKey: string): string =>
  `${page.replace(/\?api_key=$/, '')}?api_key=${encodeURIComponent(apiKey)}`;

export interface IciciSessionDeps {
  readonly apiKey: string;
  /** The address of the login page. */
  readonly loginUrl: string;
  readonly rest: IciciRest;
  readonly resting: RestTime;
  readonly query: IciciQuery;
  readonly ports: Pick<BrokerPorts, 'clock' | 'pacer'>;
  /** Told what the account may trade, as the broker writes it: `Equity: Y`. */
  readonly onSegments: (allowed: Readonly<Record<string, string>>) => void;
}

/** The session of one account: a person logs in at ICICI and gives us the number that comes back. */
export const iciciSession = (deps: IciciSessionDeps): SessionFlow => {
  const { apiKey, loginUrl, rest, resting, query, ports } = deps;
  const exchange = async (pasted: string, context: CallContext): Promise<SessionGrant> => {
    const number = sessionNumber(pasted);
    const { correlationId } = context;
    const now = ports.clock.now();
    const result = await ports.pacer.query(context, (paced) => rest.customerDetails(number, paced));
    const answer = readAnswer(result);
    const words = wordsOf(answer);
    if (words !== null) throw new GatewayError('LOGIN_FAILED', refusal(words), { correlationId });
    if (answer.kind !== 'success') {
      throw queryError(answer, WHAT, correlationId, (per) => resting.begin(per));
    }
    const customer = parsed(answer.data, iciciCustomer, WHAT, correlationId);
    deps.onSegments(customer.segments_allowed);
    return {
      token: customer.session_token,
      expiresAt: expiryOf(now),
      identity: customer.idirect_userid,
    };
  };
  return {
    probe: async (context) => {
      try {
        await query('GET', 'funds', {}, z.unknown(), context);
        return 'live';
      } catch (fault) {
        const code = fault instanceof GatewayError ? fault.code : null;
        if (code === 'SESSION_EXPIRED' || code === 'NO_SESSION') return 'expired';
        throw fault;
      }
    },
    login: { url: () => loginAddress(loginUrl, apiKey), exchange },
  };
};
