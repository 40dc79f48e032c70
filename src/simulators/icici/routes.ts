import type { IdentifiedCall } from '../core/fault-server';
import { Fields } from './fields';
import { LOGIN_OPERATIONS } from './login/site';

/** Each path of the v1 API with its operation by verb. */
const V1: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  customerdetails: { GET: 'customerdetails' },
  order: { GET: 'orders', POST: 'place', PUT: 'modify', DELETE: 'cancel' },
  trades: { GET: 'trades' },
  portfoliopositions: { GET: 'positions' },
  portfolioholdings: { GET: 'holdings' },
  dematholdings: { GET: 'demat' },
  funds: { GET: 'funds', POST: 'setfunds' },
  quotes: { GET: 'quotes' },
  margin: { GET: 'margin', POST: 'addmargin' },
  optionchain: { GET: 'optionchain' },
  historicalcharts: { GET: 'history' },
  squareoff: { POST: 'squareoff' },
  preview_order: { GET: 'preview' },
  fnolmtpriceandqtycal: { POST: 'limitcalculator' },
  margincalculator: { POST: 'margincalculator' },
  gttorder: { GET: 'gttbook', POST: 'gttplace', PUT: 'gttmodify', DELETE: 'gttcancel' },
};
const V1_PATH = /^\/breezeapi\/api\/v1\/([a-z_]+)$/;

/** Commands that count as order actions. */
const ORDER_ACTIONS = new Set(['place', 'modify', 'cancel', 'squareoff']);
/** Commands that the broker takes from registered addresses alone. */
export const ADDRESS_BOUND: ReadonlySet<string> = new Set([
  ...ORDER_ACTIONS,
  'gttplace',
  'gttmodify',
  'gttcancel',
]);
/** The list of a book and one order of it share a path: the body tells them apart. */
const ONE_OF: Readonly<Record<string, string>> = { orders: 'order', trades: 'trade' };

const HISTORY_PATH = '/api/v2/historicalcharts';
const MASTER_PATH = /^\/(motherappmaster|newsecuritymaster)\/securitymaster\.zip$/;
const SINGLE_FILE = /^\/scripfile\/([a-z]+scripmaster)\.txt$/;

const LOGIN_PATHS: Readonly<Record<string, string>> = LOGIN_OPERATIONS;
const LOGIN_ENTRY = '/apiuser/login';
const LOGIN = Object.values(LOGIN_OPERATIONS);

/** Operations that no signature and no limit guards. */
export const OPEN_OPERATIONS: ReadonlySet<string> = new Set(['master', 'masterfile', ...LOGIN]);

/** What a call is, by its path without regard to case; null when there is nothing there. */
export const identify = (method: string, path: string): IdentifiedCall | null => {
  const lower = path.toLowerCase();
  const name = V1_PATH.exec(lower)?.[1];
  const operation = name === undefined ? staticOperation(method, lower) : V1[name]?.[method];
  if (operation === undefined) return null;
  const one = ONE_OF[operation];
  return {
    operation,
    callClass: ORDER_ACTIONS.has(operation) ? 'order' : 'query',
    ...(one === undefined
      ? {}
      : {
          refine: (body: Buffer) => {
            const asked = Fields.parse(body)?.text('order_id') ?? '';
            return asked === '' ? operation : one;
          },
        }),
  };
};

/** Whether the path exists with another verb. */
export const isKnownPath = (path: string): boolean => {
  const name = V1_PATH.exec(path.toLowerCase())?.[1];
  return name !== undefined && V1[name] !== undefined;
};

/** The name of a single master file in its path, in lower case. */
export const masterFileOf = (path: string): string =>
  SINGLE_FILE.exec(path.toLowerCase())?.[1] ?? '';

const staticOperation = (method: string, path: string): string | undefined => {
  if (method === 'POST' || path === LOGIN_ENTRY) return LOGIN_PATHS[path];
  if (method !== 'GET') return undefined;
  if (path === HISTORY_PATH) return 'history2';
  if (MASTER_PATH.test(path)) return 'master';
  return SINGLE_FILE.test(path) ? 'masterfile' : undefined;
};
