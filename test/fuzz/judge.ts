import { orderTypeOf, PRICE_TYPES, PRODUCT_WORDS, productOf } from '../../src/api/words';
import type { RecordedOrder } from './ledger-view';
import { REAL } from './world';
import type { Outcome } from './world';

/** A call that takes longer than this holds up orders, milliseconds; generous for a busy machine. */
const SLOW_MS = 5_000;
/** Routes whose answer shows a new secret, once. */
const SHOW_SECRETS = new Set(['addKey', 'addWebhook', 'rotateWebhook']);

type Json = Readonly<Record<string, unknown>>;

const jsonOf = (text: string): Json | null => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? // An object that is no list; its values stay unknown.
        (value as Json)
      : null;
  } catch {
    return null;
  }
};

/** What is wrong with an answer's status and shape. */
const faultOfAnswer = ({ sent, status, text, contentType }: Outcome): string | null => {
  const { route, method } = sent;
  // The one 5xx that says what the caller asked for, not what broke.
  const isNoSuchPart = status === 501 && jsonOf(text)?.['code'] === 'UNSUPPORTED';
  if (status >= 500 && !isNoSuchPart) return `answered ${String(status)}: ${text}`;
  if (method === 'HEAD' || method === 'OPTIONS') return null;
  const isOwn = method === route.method.toUpperCase();
  if (status < 400) {
    if (route.answer === null || !isOwn || !contentType.includes('json')) return null;
    const parsed = route.answer.safeParse(jsonOf(text));
    return parsed.success ? null : `the answer is not of its schema: ${parsed.error.message}`;
  }
  if (route.name === 'instruments' && contentType.startsWith('text/plain')) return null;
  const said = jsonOf(text);
  if (said === null) return `answered ${String(status)} with what is no JSON object: ${text}`;
  const isError = route.family === 'strategy' ? 'error' in said || 'path' in said : true;
  return isError && (route.family === 'strategy' || said['status'] === 'error')
    ? null
    : `a refusal without its status: ${text}`;
};

/** Collects the secrets that an answer shows on purpose. */
const shownSecrets = (outcome: Outcome): readonly string[] => {
  const said = jsonOf(outcome.text);
  if (said === null || outcome.status !== 200) return [];
  // The shape that the routes' schemas fix.
  const secret = said['secret'] as { token?: string; path?: string } | undefined;
  const found = [said['apikey'], secret?.token, secret?.path?.split('/').at(-1)];
  return found.filter((text): text is string => typeof text === 'string' && text.length >= 32);
};

/** A secret in what came back or was logged. */
const leakOf = (outcome: Outcome, secrets: Set<string>): string | null => {
  for (const secret of secrets) {
    if (outcome.log.includes(secret)) return `the log holds a secret: ${outcome.log}`;
    if (outcome.text.includes(secret) || outcome.head.includes(secret)) {
      return `the answer holds a secret: ${outcome.head} ${outcome.text}`;
    }
  }
  // A hook's id is in its path beside the token, and is no secret.
  if (SHOW_SECRETS.has(outcome.sent.route.name)) {
    const isAlert = outcome.text.includes('"token":');
    for (const secret of shownSecrets(outcome)) {
      if (isAlert && outcome.text.includes(`"/webhook/${secret}"`)) continue;
      if (outcome.log.includes(secret)) return 'the log holds a secret that was just made';
      secrets.add(secret);
    }
  }
  return null;
};

/** Orders of a call that was refused. An order that was written and then refused is named in the answer. */
const unwantedOrders = ({ status, text, orders, wasLive }: Outcome): string | null => {
  if (orders.length === 0) return null;
  const said = JSON.stringify(jsonOf(text) ?? text);
  const unnamed = orders.find((order) => !said.includes(order.order_id));
  if (status >= 400 && unnamed !== undefined) {
    return `refused with ${String(status)}, and yet wrote ${JSON.stringify(orders)}`;
  }
  const live = orders.find((order) => order.account_id === REAL);
  return live === undefined || wasLive ? null : `live while the switch was off: ${said}`;
};

const legsOf = (body: Json): readonly Json[] => {
  const { orders } = body;
  if (!Array.isArray(orders)) return [body];
  return orders.map((leg: unknown): Json => jsonOf(JSON.stringify(leg)) ?? {});
};

const numberOf = (value: unknown): number =>
  typeof value === 'number' || (typeof value === 'string' && value.trim() !== '')
    ? Number(value)
    : NaN;

/** Whether the order is what `leg` says, read anew and without the gateway's own readers. */
const isWhatWasAsked = (order: RecordedOrder, leg: Json): boolean => {
  const type = PRICE_TYPES.find((word) => word === (leg['pricetype'] ?? 'MARKET'));
  const product = PRODUCT_WORDS.find((word) => word === (leg['product'] ?? 'MIS'));
  if (type === undefined || product === undefined) return false;
  return (
    order.exchange === leg['exchange'] &&
    order.symbol === leg['symbol'] &&
    order.side === String(leg['action']).toUpperCase() &&
    order.product === productOf(product) &&
    order.order_type === orderTypeOf(type) &&
    order.quantity === numberOf(leg['quantity']) &&
    (order.limit_price === null || Number(order.limit_price) === numberOf(leg['price']))
  );
};

const PLAIN_ORDERS = new Set(['placeorder', 'basketorder', 'alertWebhook']);

/** An order that differs from its request: another side, quantity, price or symbol than was asked for. */
const wrongOrder = ({ sent, body, orders }: Outcome): string | null => {
  if (!PLAIN_ORDERS.has(sent.route.name)) return null;
  const asked = jsonOf(body.replace(/^\ufeff/, ''));
  const wrong = orders
    .filter((order) => order.target_position === null)
    .find((order) => asked === null || !legsOf(asked).some((leg) => isWhatWasAsked(order, leg)));
  return wrong === undefined ? null : `asked ${body}, wrote ${JSON.stringify(wrong)}`;
};

/** What is wrong with what a call did; null: nothing. New secrets are added to `secrets`. */
export const faultOf = (outcome: Outcome, secrets: Set<string>): string | null =>
  faultOfAnswer(outcome) ??
  leakOf(outcome, secrets) ??
  unwantedOrders(outcome) ??
  wrongOrder(outcome) ??
  (outcome.ms > SLOW_MS ? `took ${outcome.ms.toFixed(0)} ms` : null);
