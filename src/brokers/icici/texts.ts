/**
 * What a text in `Error` proves.
 * - `dead-session`: the signature or the session is not taken; nothing was looked at
 * - `second-limit`, `minute-limit`, `day-limit`: refused at the door; nothing was looked at
 * - `nothing-found`: the list is empty
 * - `service-failure`: a part behind the door failed or was slow: an order may have gone through
 * - `refusal`: the order was judged and refused
 * - `unclear`: none of these can be said
 */
export type IciciMeaning =
  | 'dead-session'
  | 'second-limit'
  | 'minute-limit'
  | 'day-limit'
  | 'nothing-found'
  | 'service-failure'
  | 'refusal'
  | 'unclear';

export interface IciciText {
  readonly meaning: IciciMeaning;
  /** The text itself is in the table; otherwise only words in it were known. */
  readonly listed: boolean;
}

/** At the door these have a `Status` of their own, see errors.ts. */
export const LIMITS = {
  'second-limit': 'second',
  'minute-limit': 'minute',
  'day-limit': 'day',
} as const;
export type LimitSpan = (typeof LIMITS)[keyof typeof LIMITS];

/** Known texts, compared as parts, without regard to case, blanks and the last full stop. The first that fits holds. */
const LISTED: readonly (readonly [part: string, meaning: IciciMeaning])[] = [
  ['invalid checksum', 'dead-session'],
  ['limit exceed: api call per minute', 'minute-limit'],
  ['limit exceed: api call per day', 'day-limit'],
  // What is said of ten order actions a second was never published: it is taken to begin the same way.
  ['limit exceed: order requests per second', 'second-limit'],
  ['limit exceed:', 'minute-limit'],
  ['no data found', 'nothing-found'],
  ['no positions available', 'nothing-found'],
  ['error while calling service', 'service-failure'],
  ['tpetime', 'service-failure'],
  ['tpesvcfail', 'service-failure'],
  ['we are not able to process your request', 'service-failure'],
  ['invalid market/limit indicator', 'refusal'],
  ['wallet amount is not sufficient', 'refusal'],
  // Said of a missing body, never verified: it proves nothing about an order.
  ['request object is null or empty', 'unclear'],
  // On signed calls it was seen for a square-off only.
  ['resource not available', 'unclear'],
];

/**
 * Words of a part behind the door: the back end's own codes such as `(T2:155)`, time-outs, and every
 * "try again". They decide before the words of a refusal, because an order may have gone through.
 */
const FAILURE_WORDS =
  /\(t\d+\w*:\d+\)|\btpe[a-z]+|time[ds]? ?-?out|\bservices?\b|unable to|not able to|try (again|after|later)|after some ?time|technical|contact admin|object reference|internal|respon[sd]|connect|exception|unknown|unexpected/;
/** Words with which an order is judged. */
const REFUSAL_WORDS =
  /insufficient|not sufficient|not allowed|not permitted|not registered|not authori[sz]ed|unauthori[sz]ed|not enabled|not applicable|not supported|not available|not found|no such|does not exist|do not have|don't have|invalid|must be|should be|should not|cannot|can not|exceed|less than|greater than|more than|below|above|multiple|mandatory|required|prohibited|restricted|blocked|barred|banned|expired|closed|already|rejected|refused|\bip\b|\bnot? (ip|address)\b/;

const plain = (text: string): string =>
  text
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[.!]+$/, '');

/** What the text proves, by the table and then by its words. */
export const readText = (text: string): IciciText => {
  const words = plain(text);
  const known = LISTED.find(([part]) => words.includes(part));
  if (known !== undefined) return { meaning: known[1], listed: true };
  if (FAILURE_WORDS.test(words)) return { meaning: 'service-failure', listed: false };
  if (REFUSAL_WORDS.test(words)) return { meaning: 'refusal', listed: false };
  return { meaning: 'unclear', listed: false };
};
