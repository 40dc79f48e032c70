/**
 * What the broker says. "Seen": read in public material about the real service. "Assumed": nobody has written the
 * true words down; an option of the simulator replaces them (see the README).
 */
export const TEXTS = {
  /** Seen. */
  invalidSession: 'Invalid session.',
  unknownKey: 'Public Key does not exist.',
  sessionEnded: 'Resource not available.',
  checksum: 'Authentication Fail :: Invalid Checksum.',
  perMinute: 'Limit exceed: API call per minute:Try after some time',
  perDay: 'Limit exceed: API call per day:',
  noPosition: 'Resource not available.',
  noData: 'No Data Found',
  noPositions: 'No Positions available.',
  indicator: 'Invalid Market/Limit indicator:',
  wrongStock: 'Error while calling service, Please contact admin (T2:155)',
  timeOut: 'TPETIME - timeout occured (T2:176)',
  emptyRequest: 'Request Object is Null or Empty',
  wallet: 'Wallet Amount is not sufficient to allocate',
  mtfSell: 'SELL action is not allowed for MTF product type.',
  /** Assumed. */
  perSecond: 'Limit exceed: Order requests per second:Try after some time',
  address: 'Order request from an IP address that is not registered for this App Key.',
  marketOrder: 'Market orders are not allowed through API. Please place a limit order.',
  product: 'This product is not allowed through API.',
  noOrder: 'Order reference does not exist.',
  finished: 'Order cannot be changed in its present status.',
  lot: 'Order quantity is not a multiple of the lot size.',
  tick: 'Order price is not a multiple of the tick size.',
  band: 'Order price is outside the price range of the day.',
  funds: 'Insufficient limits for this order.',
  wrongPassword: 'Invalid User ID or Password.',
  wrongCode: 'Invalid TOTP entered. Please try again.',
  locked: 'Your account has been locked. Please reset your password.',
  noGtt: 'GTT order reference does not exist.',
  rejected: 'Rejected by the exchange.',
} as const;
export type TextName = keyof typeof TEXTS;
export type Texts = Readonly<Record<TextName, string>>;
