import { call } from './calls';
import type { Answer } from './calls';
import { pick } from './cells';
import type { Draw } from './cells';

/** One request for new orders, and every answer that came to it. */
export interface Intent {
  /** Also the `strategy` of its orders, by which they are known again. */
  readonly name: string;
  readonly path: 'placeorder' | 'placesmartorder' | 'basketorder';
  readonly body: Readonly<Record<string, unknown>>;
  /** How many orders it asks for. */
  readonly legs: number;
  /** Whether the sender may send it again: it carries an id that makes that safe. */
  readonly resendable: boolean;
  readonly answers: Answer[];
  /** Calls that ended without an answer. */
  unanswered: number;
}

/** A modify or cancel, and what it was answered. */
export interface Change {
  readonly kind: 'modify' | 'cancel';
  readonly orderId: string;
  readonly answer: Answer | null;
}

const SYMBOLS = ['SBIN', 'INFY', 'RELIANCE'] as const;
type Terms = Readonly<Record<string, string>>;

/** Terms of one order; every price is a multiple of every tick, and only a MARKET order can fill by itself. */
const terms = (draw: Draw): Terms => {
  const action = pick(draw, ['BUY', 'SELL']);
  const common = {
    exchange: 'NSE',
    symbol: pick(draw, SYMBOLS),
    action,
    product: 'MIS',
    quantity: String(1 + Math.floor(draw() * 9)),
  };
  const steps = Math.floor(draw() * 40);
  const below = (80 + steps / 2).toFixed(2);
  const above = (101 + steps / 2).toFixed(2);
  switch (pick(draw, ['MARKET', 'MARKET', 'LIMIT', 'SL', 'SL-M'])) {
    case 'LIMIT':
      return { ...common, pricetype: 'LIMIT', price: action === 'BUY' ? below : above };
    case 'SL':
      return action === 'BUY'
        ? { ...common, pricetype: 'SL', price: above, trigger_price: above }
        : { ...common, pricetype: 'SL', price: '70.00', trigger_price: '75.00' };
    case 'SL-M':
      return { ...common, pricetype: 'SL-M', trigger_price: action === 'BUY' ? above : '75.00' };
    default:
      return { ...common, pricetype: 'MARKET' };
  }
};

/** An order that rests at the broker until somebody changes it. */
export const restingTerms: Terms = {
  exchange: 'NSE',
  symbol: 'SBIN',
  action: 'BUY',
  product: 'MIS',
  pricetype: 'LIMIT',
  price: '90.00',
  quantity: '5',
};

/** The strategies' side: sends orders over the public API as the seed says, and remembers every answer. */
export class Sender {
  readonly intents: Intent[] = [];
  readonly changes: Change[] = [];
  readonly #draw: Draw;
  readonly #key: string;
  readonly #account: string;
  readonly #paths: readonly Intent['path'][];
  base: string;

  constructor(
    base: string,
    key: string,
    account: string,
    paths: readonly Intent['path'][],
    draw: Draw,
  ) {
    this.base = base;
    this.#key = key;
    this.#account = account;
    this.#paths = paths;
    this.#draw = draw;
  }

  /** A new intent of any kind; nothing is sent yet. */
  draft(order: Terms | null = null): Intent {
    const draw = this.#draw;
    const name = `intent-${String(this.intents.length + 1)}`;
    const path = order === null ? pick(draw, this.#paths) : 'placeorder';
    const resendable = draw() < 0.8;
    const id = resendable ? { client_order_id: `client-${name}` } : {};
    const head = { apikey: this.#key, account: this.#account, strategy: name, ...id };
    const legs = path === 'basketorder' ? 2 + Math.floor(draw() * 2) : 1;
    const one = order ?? terms(draw);
    const size = { position_size: String(Math.floor(draw() * 7) - 3) };
    const body =
      path === 'basketorder'
        ? { ...head, orders: Array.from({ length: legs }, () => terms(draw)) }
        : path === 'placesmartorder'
          ? { ...head, ...one, ...size }
          : { ...head, ...one };
    const intent: Intent = { name, path, body, legs, resendable, answers: [], unanswered: 0 };
    this.intents.push(intent);
    return intent;
  }

  /** Sends `intent`, or sends it again; as text, as webhook senders do, when told. */
  async send(intent: Intent, contentType = 'application/json'): Promise<Answer | null> {
    const url = `${this.base}/api/v1/${intent.path}`;
    const answer = await call(url, intent.body, { contentType });
    if (answer === null) intent.unanswered += 1;
    else intent.answers.push(answer);
    return answer;
  }

  async cancel(orderId: string): Promise<void> {
    const body = {
      apikey: this.#key,
      account: this.#account,
      strategy: 'change',
      orderid: orderId,
    };
    const answer = await call(`${this.base}/api/v1/cancelorder`, body);
    this.changes.push({ kind: 'cancel', orderId, answer });
  }

  /** Gives a resting order another price and quantity. */
  async modify(orderId: string): Promise<void> {
    const steps = Math.floor(this.#draw() * 10);
    const body = {
      ...restingTerms,
      apikey: this.#key,
      account: this.#account,
      strategy: 'change',
      orderid: orderId,
      price: (85 + steps / 2).toFixed(2),
      quantity: String(6 + steps),
      disclosed_quantity: '0',
      trigger_price: '0',
    };
    const answer = await call(`${this.base}/api/v1/modifyorder`, body);
    this.changes.push({ kind: 'modify', orderId, answer });
  }

  /** A sender that got no answer asks again; one that got one now and then does so too. */
  async resend(): Promise<void> {
    const again = this.intents.filter(
      (intent) => intent.resendable && (intent.unanswered > 0 || this.#draw() < 0.3),
    );
    await Promise.all(again.map((intent) => this.send(intent, 'text/plain')));
  }
}

/** The order ids that one answer names. */
export const idsIn = (answer: Answer): readonly string[] => {
  const { orderid, results } = answer.json;
  if (typeof orderid === 'string') return [orderid];
  if (!Array.isArray(results)) return [];
  return results.flatMap((leg: unknown) =>
    typeof leg === 'object' && leg !== null && 'orderid' in leg && typeof leg.orderid === 'string'
      ? [leg.orderid]
      : [],
  );
};
