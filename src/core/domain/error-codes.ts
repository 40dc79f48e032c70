/** Which kind of fault a code belongs to; docs/error-codes.md is generated from this table. */
export type ErrorFamily =
  | 'RequestError'
  | 'DeniedError'
  | 'SessionError'
  | 'RateLimitError'
  | 'ConnectivityError'
  | 'ProtocolError'
  | 'BrokerRefusal'
  | 'NotFoundError'
  | 'ConflictError'
  | 'AuthError'
  | 'InternalError';

interface CodeEntry {
  readonly family: ErrorFamily;
  /** Status under /api/v1 (the OpenAlgo contract). */
  readonly http: number;
  /** Status under /api/admin. */
  readonly adminHttp: number;
  readonly retry: 'never' | 'later' | 'after-login';
  readonly meaning: string;
  /** What it does not mean. */
  readonly notMeaning: string;
  readonly next: string;
}

const denied = (meaning: string, next: string): CodeEntry => ({
  family: 'DeniedError',
  http: 400,
  adminHttp: 422,
  retry: 'never',
  meaning,
  notMeaning: 'The broker did not see this order.',
  next,
});
const request = (http: number, meaning: string, next: string): CodeEntry => ({
  family: 'RequestError',
  http,
  adminHttp: http,
  retry: 'never',
  meaning,
  notMeaning: 'Nothing was stored and nothing was sent.',
  next,
});

export const ERROR_CODES = {
  VALIDATION: request(
    400,
    'A field is missing, unknown or malformed.',
    'Correct the field that the message names.',
  ),
  BODY_NOT_JSON: request(
    400,
    'The body is not a JSON object.',
    'Send one JSON object, whatever the content type.',
  ),
  BODY_TOO_LARGE: request(413, 'The body is larger than the limit.', 'Send a smaller body.'),
  HOST_NOT_ALLOWED: request(
    403,
    'The Host header is not on the allow-list.',
    'Call by an allowed name or add it to TORAN_ALLOWED_HOSTS.',
  ),
  SYMBOL_NOT_FOUND: {
    family: 'NotFoundError',
    http: 404,
    adminHttp: 404,
    retry: 'never',
    meaning: 'The catalogue has no such instrument; asked by a read, not by an order.',
    notMeaning: 'It was refused by a broker.',
    next: 'Check symbol and exchange; symbols are case sensitive. `search` finds near ones.',
  },
  INVALID_API_KEY: {
    family: 'AuthError',
    http: 403,
    adminHttp: 401,
    retry: 'never',
    meaning: 'The API key is unknown or revoked.',
    notMeaning: 'The broker session is dead.',
    next: 'Use a key that `toran keys list` shows.',
  },
  SCOPE: {
    family: 'AuthError',
    http: 403,
    adminHttp: 403,
    retry: 'never',
    meaning: 'The key may not do this.',
    notMeaning: 'The key is wrong.',
    next: 'Make a key with the needed scope.',
  },
  UNKNOWN_SYMBOL: denied(
    'The catalogue has no such instrument.',
    'Check symbol and exchange; symbols are case sensitive.',
  ),
  NOT_TRADABLE: denied(
    'The instrument cannot be ordered (an index, or expired).',
    'Order a tradable instrument.',
  ),
  LOT_SIZE: denied(
    'The quantity is not a multiple of the lot size.',
    'Use a multiple of the lot size in the message.',
  ),
  TICK_SIZE: denied(
    'A price is not a multiple of the tick size.',
    'Use one of the two prices in the message.',
  ),
  FREEZE_QUANTITY: denied('The quantity is above what one order may hold.', 'Split the order.'),
  PRICE_REQUIRED: denied(
    'This order type needs a price that is absent or zero.',
    'Send the price.',
  ),
  PRICE_NOT_ALLOWED: denied(
    'A price was sent that this order type does not have.',
    'Leave the price out or send 0.',
  ),
  UNSUPPORTED_ORDER_TYPE: denied(
    'The broker does not offer this order type.',
    'Use another order type.',
  ),
  UNSUPPORTED_PRODUCT: denied(
    'The product does not fit the instrument or the broker.',
    'Use another product.',
  ),
  UNSUPPORTED_VALIDITY: denied('The broker does not offer this validity.', 'Use DAY.'),
  INSUFFICIENT_FUNDS: denied(
    'The account has not enough free cash or margin.',
    'Reduce the order or add funds.',
  ),
  INSUFFICIENT_HOLDINGS: denied(
    'A delivery sale needs stock that the account does not hold.',
    'Sell what is held or use MIS.',
  ),
  ORDER_CLOSED: denied('The order is already finished.', 'Nothing: read its state.'),
  ORDER_NOT_MODIFIABLE: denied(
    'A field was changed that cannot be modified, or nothing changed.',
    'Cancel and place anew.',
  ),
  ACCOUNT_UNKNOWN: denied(
    'There is no such account.',
    'Use an account that `toran accounts` lists.',
  ),
  ACCOUNT_STOPPED: denied(
    'New entries are stopped for this account.',
    'See the reason shown with the account; exits and cancels still work.',
  ),
  POSITION_UNKNOWN: denied(
    'The net position is not known yet, so a target cannot be worked out.',
    'Wait until the positions have been read; see /health.',
  ),
  EXIT_UNDER_WAY: denied(
    'Open orders on the closing side have this part of the position already; another exit could turn it around.',
    'Cancel them and close again, or wait for them.',
  ),
  BATCH_LEG_REFUSED: denied(
    'A BUY leg of the same basket was refused, so its SELL legs were not sent.',
    'Decide afresh.',
  ),
  NOT_AT_BROKER: denied(
    'The order never reached the broker: several reads after its last possible send time do not show it.',
    'Decide afresh; a new order is safe.',
  ),
  DEADLINE: {
    family: 'DeniedError',
    http: 400,
    adminHttp: 422,
    retry: 'never',
    meaning: 'The order waited past its deadline and was not sent.',
    notMeaning: 'The broker did not see this order.',
    next: 'Decide afresh.',
  },
  NO_SESSION: {
    family: 'SessionError',
    http: 403,
    adminHttp: 503,
    retry: 'after-login',
    meaning: 'The account has no live broker session.',
    notMeaning: 'The API key is wrong.',
    next: 'Log the account in.',
  },
  SESSION_EXPIRED: {
    family: 'SessionError',
    http: 403,
    adminHttp: 503,
    retry: 'after-login',
    meaning: 'The broker says that the session is over.',
    notMeaning: 'The credentials are wrong.',
    next: 'Log the account in.',
  },
  LOGIN_FAILED: {
    family: 'SessionError',
    http: 403,
    adminHttp: 424,
    retry: 'never',
    meaning: 'The login did not give a session; the message has the words of the broker.',
    notMeaning: 'A session from before has ended.',
    next: 'Correct what the message names, then log in again.',
  },
  LOGIN_UNDER_WAY: {
    family: 'ConflictError',
    http: 409,
    adminHttp: 409,
    retry: 'later',
    meaning: 'Another login of this account is under way.',
    notMeaning: 'The login was refused.',
    next: 'Wait for it, then look whether a login is still needed.',
  },
  SECRET_UNREADABLE: {
    family: 'InternalError',
    http: 503,
    adminHttp: 503,
    retry: 'never',
    meaning:
      'A stored secret does not open: another master key is in use, or the file was changed.',
    notMeaning: 'The secret is wrong.',
    next: 'Start with the master key that belongs to this data folder, or enter the credentials again.',
  },
  BUCKET_FULL: {
    family: 'RateLimitError',
    http: 429,
    adminHttp: 429,
    retry: 'later',
    meaning: 'The broker call rate of the account is used up.',
    notMeaning: 'A command was refused.',
    next: 'Wait retry_after seconds.',
  },
  KEY_RATE: {
    family: 'RateLimitError',
    http: 429,
    adminHttp: 429,
    retry: 'later',
    meaning: 'This API key calls too often.',
    notMeaning: 'An order was refused by the broker.',
    next: 'Wait retry_after seconds.',
  },
  BROKER_THROTTLED: {
    family: 'RateLimitError',
    http: 429,
    adminHttp: 429,
    retry: 'later',
    meaning: 'The broker said too fast.',
    notMeaning: 'A command was refused.',
    next: 'Wait.',
  },
  CONNECT: {
    family: 'ConnectivityError',
    http: 503,
    adminHttp: 503,
    retry: 'later',
    meaning: 'The broker could not be reached.',
    notMeaning: 'Nothing happened there.',
    next: 'Queries may be tried again.',
  },
  TIMEOUT: {
    family: 'ConnectivityError',
    http: 503,
    adminHttp: 503,
    retry: 'later',
    meaning: 'The broker did not answer in time.',
    notMeaning: 'Nothing happened there.',
    next: 'Queries may be tried again.',
  },
  RESET: {
    family: 'ConnectivityError',
    http: 503,
    adminHttp: 503,
    retry: 'later',
    meaning: 'The connection broke before the answer was whole.',
    notMeaning: 'Nothing happened there.',
    next: 'Queries may be tried again.',
  },
  STORE_UNAVAILABLE: {
    family: 'ConnectivityError',
    http: 503,
    adminHttp: 503,
    retry: 'later',
    meaning: 'The ledger or Redis cannot be reached.',
    notMeaning: 'An accepted order is lost.',
    next: 'See /health.',
  },
  SCHEMA: {
    family: 'ProtocolError',
    http: 502,
    adminHttp: 502,
    retry: 'later',
    meaning: 'The broker answered in a shape that we do not know.',
    notMeaning: 'The command failed.',
    next: 'Read the log; the body is kept redacted.',
  },
  TRUNCATED: {
    family: 'ProtocolError',
    http: 502,
    adminHttp: 502,
    retry: 'later',
    meaning: 'The answer of the broker was cut short.',
    notMeaning: 'The command failed.',
    next: 'Read the log.',
  },
  BROKER_REFUSED: {
    family: 'BrokerRefusal',
    http: 400,
    adminHttp: 424,
    retry: 'never',
    meaning: 'The broker refused; its own words are in the message.',
    notMeaning: 'Toran changed the order.',
    next: 'Read the message.',
  },
  ORDER_NOT_FOUND: {
    family: 'NotFoundError',
    http: 404,
    adminHttp: 404,
    retry: 'never',
    meaning: 'No such order.',
    notMeaning: 'It was cancelled.',
    next: 'Check the id.',
  },
  NO_PRICE: {
    family: 'NotFoundError',
    http: 404,
    adminHttp: 404,
    retry: 'later',
    meaning: 'There is no price for this instrument; the message says why.',
    notMeaning: 'The price is 0.',
    next: 'Try again when the instrument trades, or use one that the broker has prices for.',
  },
  KEY_NOT_FOUND: {
    family: 'NotFoundError',
    http: 404,
    adminHttp: 404,
    retry: 'never',
    meaning: 'No live API key has this id.',
    notMeaning: 'A key was revoked by this call.',
    next: 'Use an id that `toran keys list` shows without a revocation time.',
  },
  ROUTE_NOT_FOUND: {
    family: 'NotFoundError',
    http: 404,
    adminHttp: 404,
    retry: 'never',
    meaning: 'No such path.',
    notMeaning: 'The gateway is down.',
    next: 'See /api/v1 in the reference.',
  },
  METHOD_NOT_ALLOWED: {
    family: 'NotFoundError',
    http: 405,
    adminHttp: 405,
    retry: 'never',
    meaning: 'The path exists, the method does not.',
    notMeaning: 'The gateway is down.',
    next: 'Use POST.',
  },
  CLIENT_ORDER_ID_REUSED: {
    family: 'ConflictError',
    http: 409,
    adminHttp: 409,
    retry: 'never',
    meaning: 'This client_order_id was used for another request.',
    notMeaning: 'A second order was placed.',
    next: 'Use a new id.',
  },
  WEBHOOK_UNKNOWN: {
    family: 'AuthError',
    http: 403,
    adminHttp: 401,
    retry: 'never',
    meaning: 'No live webhook has this id and secret.',
    notMeaning: 'The webhook of this id exists, or does not.',
    next: 'Check URL and token; make a new one with `toran webhooks rotate`.',
  },
  WEBHOOK_PAUSED: request(403, 'The webhook is paused.', 'Resume it, or stop the alert.'),
  WEBHOOK_SCOPE: request(
    403,
    'The settings of the webhook do not allow this field’s value.',
    'Correct the alert, or widen the settings.',
  ),
  WEBHOOK_WINDOW: request(
    403,
    'The webhook takes no such call at this time of day.',
    'Correct the times of the alert or of the webhook.',
  ),
  WEBHOOK_SIGNATURE: request(
    403,
    'The call is not signed, wrongly signed or too old, and the webhook asks for a signature.',
    'Sign the raw body with the signing key of the live token.',
  ),
  WEBHOOK_ADDRESS: request(
    403,
    'The webhook takes no calls from this address.',
    'Add the address; behind a proxy, name the proxy in TORAN_TRUSTED_PROXIES.',
  ),
  WEBHOOK_RATE: {
    family: 'RateLimitError',
    http: 429,
    adminHttp: 429,
    retry: 'later',
    meaning: 'This webhook is called too often.',
    notMeaning: 'An order was placed for this call.',
    next: 'Wait retry_after seconds.',
  },
  WEBHOOK_NOT_FOUND: {
    family: 'NotFoundError',
    http: 404,
    adminHttp: 404,
    retry: 'never',
    meaning: 'No webhook, or no live token of it, has this id.',
    notMeaning: 'One was removed by this call.',
    next: 'Use an id that `toran webhooks list` shows.',
  },
  COMMAND_PENDING: {
    family: 'ConflictError',
    http: 409,
    adminHttp: 409,
    retry: 'later',
    meaning: 'A change of this order is under way.',
    notMeaning: 'It was refused.',
    next: 'Wait for it.',
  },
  ALREADY_EXISTS: {
    family: 'ConflictError',
    http: 409,
    adminHttp: 409,
    retry: 'never',
    meaning: 'Something of this name exists.',
    notMeaning: 'It was changed.',
    next: 'Use another name.',
  },
  UNSUPPORTED: {
    family: 'DeniedError',
    http: 501,
    adminHttp: 501,
    retry: 'never',
    meaning: 'The broker has no such capability.',
    notMeaning: 'It failed.',
    next: 'See the broker’s capability table.',
  },
  NOT_IMPLEMENTED: {
    family: 'InternalError',
    http: 501,
    adminHttp: 501,
    retry: 'never',
    meaning: 'A broker module under construction was called.',
    notMeaning: 'An order was sent.',
    next: 'Finish the module.',
  },
  INTERNAL: {
    family: 'InternalError',
    http: 500,
    adminHttp: 500,
    retry: 'later',
    meaning: 'A fault in Toran itself.',
    notMeaning: 'The order was or was not sent: read its state.',
    next: 'Report it with the correlation id.',
  },
} as const satisfies Record<string, CodeEntry>;

export type ErrorCode = keyof typeof ERROR_CODES;
