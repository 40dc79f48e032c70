import type { Habits } from './brokers';
import { call } from './calls';
import type { Answer } from './calls';
import { pick } from './cells';
import type { Draw } from './cells';

export type OrderPath =
  'placeorder' | 'placesmartorder' | 'basketorder' | 'splitorder' | 'closeposition' | 'webhook';

/** Where an alert goes, and what proves its sender. */
export interface Hook {
  readonly path: string;
  readonly token: string;
}

/** One request for new orders, and every answer that came to it. */
export interface Intent {
  /** Also the `strategy` of its orders, by which they are known again. */
  readonly name: string;
  readonly path: OrderPath;
  readonly body: Readonly<Record<string, unknown>>;
  /** How many orders it asks for; for close-all the most that it can become. */
  readonly legs: number;
  /** When the sender may send it again: an id makes that safe always, a webhook also where no answer came. */
  readonly resend: 'always' | 'unanswered' | 'never';
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
const terms = (draw: Draw, habits: Habits): Terms => {
  const action = pick(draw, ['BUY', 'SELL']);
  const common = {
    exchange: 'NSE',
    symbol: pick(draw, SYMBOLS),
    action,
    product: habits.product,
    quantity: String(1 + Math.floor(draw() * 9)),
  };
  const steps = Math.floor(draw() * 40);
  const below = (80 + steps / 2).toFixed(2);
  const above = (101 + steps / 2).toFixed(2);
  switch (pick(draw, habits.priceTypes)) {
    case 'LIMIT':
      return { ...common, pricetype: 'LIMIT', price: action === 'BUY' ? below : above };
    case 'SL':
      return action === 'BUY'
        ? { ...common, pricetype: 'SL', price: above, trigger_price: above }
        : { ...common, pricetype: 'SL', price: '70.00', trigger_price: '75.00' };
    case 'SL-M':
      return { ...common, pricetype: 'SL-M', trigger_price: action === 'BUY' ? above : '75.00' };
    case 'MARKET':
      return { ...common, pricetype: 'MARKET' };
  }
};

/** An order that rests at the broker until somebody changes it. */
export const restingTerms = ({ product }: Habits): Terms => ({
  exchange: 'NSE',
  symbol: 'SBIN',
  action: 'BUY',
  product,
  pricetype: 'LIMIT',
  price: '90.00',
  quantity: '5',
});

/** The kinds of new orders; a plain place is the most common. */
const PATHS: readonly OrderPath[] = [
  'placeorder',
  'placeorder',
  'placeorder',
  'placesmartorder',
  'basketorder',
  'splitorder',
  'closeposition',
  'webhook',
  'webhook',
];

const SPLIT_SIZE = 3;

/** What the body says beside its head, and how many orders that may become. */
const wanted = (
  path: OrderPath,
  one: Terms,
  draw: Draw,
  habits: Habits,
): { readonly legs: number; readonly fields: Readonly<Record<string, unknown>> } => {
  switch (path) {
    case 'basketorder': {
      const legs = 2 + Math.floor(draw() * 2);
      return { legs, fields: { orders: Array.from({ length: legs }, () => terms(draw, habits)) } };
    }
    case 'splitorder': {
      const legs = Math.ceil(Number(one['quantity']) / SPLIT_SIZE);
      return { legs, fields: { ...one, splitsize: String(SPLIT_SIZE) } };
    }
    case 'placesmartorder':
      return { legs: 1, fields: { ...one, position_size: String(Math.floor(draw() * 7) - 3) } };
    case 'closeposition':
      return { legs: SYMBOLS.length, fields: {} };
    case 'placeorder':
    case 'webhook':
      return { legs: 1, fields: one };
  }
};

/** The strategies' side: sends orders over the public API as the seed says, and remembers every answer. */
export class Sender {
  readonly intents: Intent[] = [];
  readonly changes: Change[] = [];
  readonly #draw: Draw;
  readonly #key: string;
  readonly #account: string;
  readonly #hook: Hook;
  readonly habits: Habits;
  base: string;

  constructor(
    base: string,
    access: { readonly key: string; readonly account: string; readonly hook: Hook },
    habits: Habits,
    draw: Draw,
  ) {
    this.base = base;
    this.#key = access.key;
    this.#account = access.account;
    this.#hook = access.hook;
    this.habits = habits;
    this.#draw = draw;
  }

  /** A new intent of any kind; nothing is sent yet. */
  draft(order: Terms | null = null): Intent {
    const draw = this.#draw;
    const name = `intent-${String(this.intents.length + 1)}`;
    const path = order === null ? pick(draw, PATHS) : 'placeorder';
    const hasId = draw() < 0.8;
    const proof = path === 'webhook' ? { token: this.#hook.token } : { apikey: this.#key };
    const id = hasId ? { client_order_id: `client-${name}` } : {};
    const head = { ...proof, account: this.#account, strategy: name, ...id };
    const { legs, fields } = wanted(path, order ?? terms(draw, this.habits), draw, this.habits);
    const resend = hasId ? 'always' : path === 'webhook' ? 'unanswered' : 'never';
    const body = { ...head, ...fields };
    const intent: Intent = { name, path, body, legs, resend, answers: [], unanswered: 0 };
    this.intents.push(intent);
    return intent;
  }

  /** Sends `intent`, or sends it again; as text, as webhook senders do, when told. */
  async send(intent: Intent, contentType = 'application/json'): Promise<Answer | null> {
    const path = intent.path === 'webhook' ? this.#hook.path : `/api/v1/${intent.path}`;
    const answer = await call(`${this.base}${path}`, intent.body, { contentType });
    if (answer === null) intent.unanswered += 1;
    else intent.answers.push(answer);
    return answer;
  }

  /** Cancels everything that is open; the commands that it makes are judged as any others. */
  async cancelAll(): Promise<void> {
    const body = { apikey: this.#key, account: this.#account, strategy: 'change' };
    await call(`${this.base}/api/v1/cancelallorder`, body);
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
      ...restingTerms(this.habits),
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
    const again = this.intents.filter(({ resend, unanswered }) =>
      unanswered > 0 ? resend !== 'never' : resend === 'always' && this.#draw() < 0.3,
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
