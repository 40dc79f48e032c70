import { INVALID_KEY_MESSAGE } from '../errors';
import type { FailureExample } from '../route';

/** A key as it looks; it opens nothing. */
export const EXAMPLE_KEY = '0000000000000000000000000000000000000000000000000000000000000000';
export const EXAMPLE_ORDER_ID = '250909000000041';

const scopeFailure = (scope: string): FailureExample => ({
  name: `Key without the ${scope} scope`,
  status: 403,
  body: { status: 'error', message: `This key lacks the ${scope} scope.`, code: 'SCOPE' },
});
const scopeFailures = { read: scopeFailure('read'), trade: scopeFailure('trade') };

const anyKeyFailures: readonly FailureExample[] = [
  {
    name: 'Wrong key',
    status: 403,
    body: { status: 'error', message: INVALID_KEY_MESSAGE },
  },
  {
    name: 'Too many calls',
    status: 429,
    body: {
      status: 'error',
      message: 'This key makes more calls than it may.',
      code: 'KEY_RATE',
      retry_after: 1,
    },
  },
  {
    name: 'Store away',
    status: 503,
    body: {
      status: 'error',
      message: 'The ledger cannot be reached.',
      code: 'STORE_UNAVAILABLE',
      correlation_id: '7f0c1b9a5d2e4f60',
    },
  },
  {
    name: 'Internal fault',
    status: 500,
    body: {
      status: 'error',
      message: 'Internal fault. If this was an order call, look it up before sending it again.',
      code: 'INTERNAL',
      correlation_id: '7f0c1b9a5d2e4f60',
    },
  },
];

/** Failures that every call with a key can meet; `scope` is the one that the route asks for. */
export const keyFailures = (scope: 'read' | 'trade'): readonly FailureExample[] => [
  scopeFailures[scope],
  ...anyKeyFailures,
];

/** A wrong field where `message` is text. */
export const wrongField = (field: string, message: string): FailureExample => ({
  name: `Wrong ${field}`,
  status: 400,
  body: { status: 'error', message: `${field}: ${message}`, code: 'VALIDATION', field },
});

/** A wrong field where `message` is an object. */
export const wrongFieldObject = (field: string, message: string): FailureExample => ({
  name: `Wrong ${field}`,
  status: 400,
  body: { status: 'error', message: { [field]: [message] }, code: 'VALIDATION', field },
});

/** Bodies that are refused before any field is read. */
export const bodyFailures: readonly FailureExample[] = [
  {
    name: 'Not JSON',
    status: 400,
    body: {
      status: 'error',
      message: 'The body is not valid JSON in UTF-8.',
      code: 'BODY_NOT_JSON',
    },
  },
  {
    name: 'Too large',
    status: 413,
    body: { status: 'error', message: 'The body is larger than 64 KB.', code: 'BODY_TOO_LARGE' },
  },
];

export const orderNotFound: FailureExample = {
  name: 'No such order',
  status: 404,
  body: { status: 'error', message: 'Order 250909000000099 not found', code: 'ORDER_NOT_FOUND' },
};

export const unknownAccount: FailureExample = {
  name: 'No such account',
  status: 400,
  body: {
    status: 'error',
    message: 'account: no account is called paper-2.',
    code: 'ACCOUNT_UNKNOWN',
    field: 'account',
  },
};

/** How a placement can end badly, beside a wrong field. */
export const placementFailures: readonly FailureExample[] = [
  {
    name: 'Price missing',
    status: 400,
    body: {
      status: 'error',
      message: 'price: a LIMIT order needs a price above 0.',
      code: 'PRICE_REQUIRED',
      field: 'price',
    },
  },
  {
    name: 'Refused by the broker',
    status: 400,
    body: {
      status: 'error',
      message: 'Insufficient funds',
      code: 'INSUFFICIENT_FUNDS',
      orderid: EXAMPLE_ORDER_ID,
      state: 'rejected',
      order_status: 'rejected',
      account: 'paper-main',
    },
  },
  {
    name: 'No broker session',
    status: 403,
    body: {
      status: 'error',
      message: 'The account has no live broker session.',
      code: 'NO_SESSION',
    },
  },
  {
    name: 'Client order id used for another order',
    status: 409,
    body: {
      status: 'error',
      message: 'client_order_id: used before for another request.',
      code: 'CLIENT_ORDER_ID_REUSED',
      field: 'client_order_id',
    },
  },
];
