import type { AccountId } from '../../src/core/domain/ids';
import type { Gateway } from '../../src/gateway';
import type { GatewayBench } from '../support/gateway';

/** What calls need to get in, and what may be destroyed by them. */
export interface Ids {
  readonly apikey: string;
  readonly spareKeyId: string;
  readonly alert: { readonly id: string; readonly token: string };
  /** The secret parts of the URLs. */
  readonly strategy: string;
  readonly chartink: string;
  readonly spareHook: string;
}

interface Made {
  readonly webhook: { readonly id: string };
  readonly secret: { readonly path: string; readonly token?: string };
}

const MAPPED = ['SBIN', 'INFY'].map((symbol) => ({
  symbol,
  exchange: 'NSE',
  product: 'MIS',
  quantity: 10,
}));
const ALERT = {
  kind: 'alert',
  symbols: ['NSE:SBIN', 'NSE:INFY'],
  products: ['MIS'],
  actions: ['BUY', 'SELL'],
  pricetypes: ['MARKET', 'LIMIT'],
  max_quantity: 100,
  smart: true,
  rate_per_minute: 6000,
};
const LISTS = { rate_per_minute: 6000, symbols: MAPPED };
const STRATEGY = { kind: 'strategy', trading_mode: 'BOTH', max_quantity: 50, ...LISTS };

const admin = async (
  bench: GatewayBench,
  gateway: Gateway,
  to: string,
  body: object,
): Promise<Readonly<Record<string, unknown>>> => {
  const reply = await bench.admin(gateway, to, body);
  if (reply.status !== 200) throw new Error(`${to}: ${JSON.stringify(reply.body)}`);
  return reply.body;
};

const hook = async (
  bench: GatewayBench,
  gateway: Gateway,
  body: { readonly label: string; readonly account: AccountId; readonly settings: object },
): Promise<Made> =>
  // Our own API's answer, whose shape its tests check.
  (await admin(bench, gateway, 'webhooks', body)) as unknown as Made;

/** The id of a hook that calls may change and remove. */
export const addSpareHook = async (
  bench: GatewayBench,
  gateway: Gateway,
  account: AccountId,
  label: string,
): Promise<string> => (await hook(bench, gateway, { label, account, settings: ALERT })).webhook.id;

/** Makes a hook of every kind on `account`, and a key that may be revoked. */
export const makeIds = async (
  bench: GatewayBench,
  gateway: Gateway,
  account: AccountId,
): Promise<Ids> => {
  const made = (label: string, settings: object): Promise<Made> =>
    hook(bench, gateway, { label, account, settings });
  const alert = await made('alert', ALERT);
  const strategy = await made('strategy', STRATEGY);
  const chartink = await made('chartink', { kind: 'chartink', ...LISTS });
  const spareHook = await addSpareHook(bench, gateway, account, 'spare');
  const key = await admin(bench, gateway, 'keys', { label: 'spare', scopes: ['read'] });
  const last = ({ secret }: Made): string => secret.path.split('/').at(-1) ?? '';
  return {
    apikey: await bench.key(),
    // Our own API's answer, whose shape its tests check.
    spareKeyId: (key['key'] as { readonly key_id: string }).key_id,
    alert: { id: alert.webhook.id, token: alert.secret.token ?? '' },
    strategy: last(strategy),
    chartink: last(chartink),
    spareHook,
  };
};
