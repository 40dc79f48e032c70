import { faultOf } from '../core/faults';
import type {
  IdentifiedCall,
  SimulatedBroker,
  SimulatedReply,
  SimulatedRequest,
} from '../core/fault-server';
import { customerDetails } from './customer';
import { Fields } from './fields';
import { limitCalculator, marginCalculator, previewOrder } from './calculators';
import type { IciciFunds } from './funds';
import type { GttDesk } from './gtt';
import type { HistoryCall, IciciHistory } from './history';
import { squareOff } from './square-off';
import type { TermContext } from './terms';
import type { AppLimits } from './limits';
import type { LoginSite } from './login/site';
import type { IciciMarket } from './market';
import type { MasterFiles } from './master';
import type { IciciOrder } from './order';
import type { OrderCall, OrderDesk } from './orders';
import type { Quirks } from './quirks';
import type { IciciPortfolio } from './portfolio';
import { quirky } from './quirks';
import type { IciciQuotes } from './quotes';
import { denied, exception, failed, ok, page } from './reply';
import { ADDRESS_BOUND, identify, isKnownPath, OPEN_OPERATIONS } from './routes';
import type { IciciSession, Sessions } from './sessions';
import { headerOf, signedBy } from './signing';
import type { SigningRules } from './signing';
import type { Texts } from './texts';

/** What the broker is put together from. */
export interface IciciParts {
  readonly sessions: Sessions;
  readonly limits: AppLimits;
  readonly market: IciciMarket;
  readonly desk: OrderDesk;
  readonly funds: IciciFunds;
  readonly portfolio: IciciPortfolio;
  readonly quotes: IciciQuotes;
  readonly history: IciciHistory;
  readonly gtt: GttDesk;
  readonly login: LoginSite;
  readonly master: MasterFiles;
  readonly texts: Texts;
  readonly signing: SigningRules;
  readonly context: (userId: string) => TermContext;
  /** Tells the stream of a changed order. */
  readonly publish: (order: IciciOrder) => void;
}

/** Breeze: the checks of each call in the broker's own order, then the endpoint. */
export class IciciBroker implements SimulatedBroker {
  readonly #parts: IciciParts;
  #quirks: Quirks = {};
  /** Addresses from which orders are taken; null takes all. */
  #addresses: readonly string[] | null = null;
  /** Updates of the call under way; they go out after its answer. */
  #collecting: IciciOrder[] | null = null;

  constructor(parts: IciciParts) {
    this.#parts = parts;
  }

  identify(method: string, path: string): IdentifiedCall | null {
    return identify(method, path);
  }
  unknown(_method: string, path: string): SimulatedReply {
    return isKnownPath(path) ? page(405, 'Method Not Allowed') : page(404, 'Not Found');
  }

  /** Who calls, from where and how often. */
  admit(request: SimulatedRequest, callClass: 'order' | 'query'): SimulatedReply | null {
    const { operation } = request;
    if (OPEN_OPERATIONS.has(operation)) return null;
    const { texts, sessions, limits, market } = this.#parts;
    let appKey: string;
    if (operation === 'customerdetails') {
      appKey = Fields.parse(request.body)?.text('AppKey') ?? '';
      // Whoever has no app is told so by the endpoint itself.
      if (sessions.find(appKey) === null) return null;
    } else {
      const session = operation === 'history2' ? this.#reader(request) : this.#caller(request);
      if (session === null) return denied(texts.checksum);
      if (ADDRESS_BOUND.has(operation) && !this.#isRegistered(request.address)) {
        return failed(texts.address);
      }
      appKey = session.app.appKey;
    }
    const limit = limits.refusal(appKey, callClass, market.now());
    return limit === null ? null : this.#tooFast(limit);
  }

  handle(request: SimulatedRequest): SimulatedReply {
    const early = faultOf(request.faults, 'update')?.how === 'before-answer';
    const collected: IciciOrder[] = [];
    this.#collecting = early ? null : collected;
    const reply = this.#dispatch(request);
    this.#collecting = null;
    return {
      ...reply,
      body: reply.contentType === undefined ? quirky(reply.body, this.#quirks) : reply.body,
      afterwards: () => {
        for (const order of collected) this.#parts.publish(order);
      },
    };
  }

  /** Where the book tells of each change. */
  changed(order: IciciOrder): void {
    if (this.#collecting === null) this.#parts.publish(order);
    else this.#collecting.push(order);
  }

  setQuirks(quirks: Quirks): void {
    this.#quirks = { ...this.#quirks, ...quirks };
  }
  /** Null takes orders from every address. */
  setAddresses(addresses: readonly string[] | null): void {
    this.#addresses = addresses;
  }
  killToken(): void {
    this.#parts.sessions.end();
  }

  refusal(_code: string, message: string): SimulatedReply {
    return failed(message);
  }
  throttled(): SimulatedReply {
    return this.#tooFast('minute');
  }
  undocumented(status: number): SimulatedReply {
    if (status === 200) return failed(this.#parts.texts.timeOut);
    if (status === 404) return page(404, 'Not Found');
    return status === 429 ? page(429, 'Too Many Requests') : exception();
  }

  #caller(request: SimulatedRequest): IciciSession | null {
    const { sessions, market, signing } = this.#parts;
    return signedBy(request, sessions, market.now(), signing);
  }

  /** Of the v2 history, which is not signed. */
  #reader(request: SimulatedRequest): IciciSession | null {
    const appKey = headerOf(request, 'apikey');
    return this.#parts.sessions.byToken(appKey, headerOf(request, 'x-sessiontoken'));
  }

  #isRegistered(address: string): boolean {
    const plain = address.replace(/^::ffff:/, '');
    return this.#addresses === null || this.#addresses.includes(plain);
  }

  #tooFast(limit: string): SimulatedReply {
    const { texts } = this.#parts;
    if (limit === 'day') return denied(texts.perDay);
    return denied(limit === 'second' ? texts.perSecond : texts.perMinute);
  }

  #dispatch(request: SimulatedRequest): SimulatedReply {
    const { operation, path, faults } = request;
    const { texts, sessions, market, master } = this.#parts;
    if (operation === 'master' || operation === 'masterfile') {
      return master.answer(operation, path, faults);
    }
    if (OPEN_OPERATIONS.has(operation)) return this.#parts.login.answer(request);
    const fields = Fields.parse(request.body);
    if (operation === 'customerdetails') return customerDetails(fields, sessions, market, texts);
    if (operation === 'history2') return this.#history2(request);
    // Once more: the session may have ended between the arrival and now.
    const session = this.#caller(request);
    if (session === null) return denied(texts.checksum);
    if (fields === null) return failed(texts.emptyRequest);
    const keepRemark = this.#quirks.neverTags !== true;
    return this.#serve(operation, { userId: session.user.userId, fields, faults, keepRemark });
  }

  #history2(request: SimulatedRequest): SimulatedReply {
    const { texts, history } = this.#parts;
    if (this.#reader(request) === null) return denied(texts.checksum);
    const text = (name: string): string => request.query.get(name) ?? '';
    const rows = history.v2(historyCall(text, 'exch_code'));
    return { status: 200, body: { Error: null, Status: 200, Success: rows } };
  }

  #history1(fields: Fields): SimulatedReply {
    const { texts, history } = this.#parts;
    const rows = history.v1(historyCall((name) => fields.text(name), 'exchange_code'));
    return rows.length === 0 ? failed(texts.noData) : ok(rows);
  }

  #serve(operation: string, call: OrderCall): SimulatedReply {
    const { desk, funds, portfolio, quotes, gtt, texts, context } = this.#parts;
    const { userId, fields } = call;
    switch (operation) {
      case 'place':
        return desk.place(call);
      case 'modify':
        return desk.modify(call);
      case 'cancel':
        return desk.cancel(call);
      case 'orders':
      case 'order':
        return desk.orders(call);
      case 'trades':
      case 'trade':
        return desk.trades(call);
      case 'positions':
        return portfolio.positions(userId);
      case 'holdings':
        return portfolio.holdings(userId, fields, this.#quirks.bfoPaise === true);
      case 'demat':
        return portfolio.demat();
      case 'funds':
        return funds.funds(userId);
      case 'setfunds':
        return funds.move(userId, fields);
      case 'margin':
        return funds.margin(userId, fields);
      case 'quotes':
        return quotes.quotes(fields);
      case 'optionchain':
        return quotes.chain(fields);
      case 'squareoff':
        return squareOff(call, desk, portfolio, context(userId), texts);
      case 'preview':
        return previewOrder(fields);
      case 'limitcalculator':
        return limitCalculator(fields);
      case 'margincalculator':
        return marginCalculator(fields);
      case 'addmargin':
        // Prohibited since 2026, as every trade on margin.
        return failed(texts.product);
      case 'history':
        return this.#history1(fields);
      case 'gttplace':
        return gtt.place(userId, fields);
      case 'gttmodify':
        return gtt.modify(userId, fields);
      case 'gttcancel':
        return gtt.cancel(userId, fields);
      case 'gttbook':
        return gtt.book(userId, fields);
      default:
        return this.undocumented(404);
    }
  }
}

const historyCall = (text: (name: string) => string, exchange: string): HistoryCall => ({
  interval: text('interval').toLowerCase(),
  from: text('from_date'),
  to: text('to_date'),
  stockCode: text('stock_code'),
  exchange: text(exchange),
  expiry: text('expiry_date'),
  right: text('right'),
  strike: text('strike_price'),
});
