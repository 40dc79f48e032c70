import { z } from 'zod';
import { decimal } from '../../core/domain/decimal';
import { commonControls } from '../core/common-controls';
import type { ControlRoutes } from '../core/control-server';
import type { EventLog } from '../core/event-log';
import type { FaultPlan } from '../core/faults';
import type { FaultServer } from '../core/fault-server';
import type { IciciBook } from './book';
import type { IciciBroker } from './broker';
import type { OrderFeed } from './feeds';
import { Fields } from './fields';
import type { GttDesk } from './gtt';
import type { AppLimits } from './limits';
import { loginSchema } from './login/site';
import type { LoginSite } from './login/site';
import { marketSchema } from './market';
import type { IciciMarket } from './market';
import { trueOrder } from './order';
import { holdingSchema } from './portfolio';
import type { IciciPortfolio } from './portfolio';
import { quirksSchema } from './quirks';
import type { Sessions } from './sessions';
import { judgePlace } from './terms';
import type { TermContext } from './terms';

const fillBody = z.strictObject({
  brokerOrderId: z.string(),
  quantity: z.number().int().min(1),
  price: z.string().regex(/^\d{1,12}(\.\d{1,4})?$/),
});
const tokenBody = z.strictObject({
  /** The number of a new login; null ends every session. */
  token: z
    .string()
    .regex(/^\d{4,20}$/)
    .nullable(),
  /** Of the first app unless told. */
  appKey: z.string().optional(),
});
const streamBody = z.strictObject({
  /** Sent to everyone as it is; without it every connection is dropped. */
  send: z.json().optional(),
  /** Whether new connections are turned away from now on. */
  refusing: z.boolean().optional(),
});
const orderBody = z.looseObject({ user_id: z.string().optional() });

export interface IciciControlParts {
  readonly book: IciciBook;
  readonly broker: IciciBroker;
  /** Settled stock and open positions of every user. */
  readonly accounts: IciciPortfolio;
  readonly market: IciciMarket;
  readonly gtt: GttDesk;
  readonly login: LoginSite;
  readonly feed: OrderFeed;
  readonly sessions: Sessions;
  readonly limits: AppLimits;
  readonly plan: FaultPlan;
  readonly log: EventLog;
  readonly server: FaultServer;
  readonly context: (userId: string) => TermContext;
}

export interface IciciStats extends ReturnType<FaultServer['stats']> {
  readonly rates: ReturnType<AppLimits['stats']>;
  readonly streams: { readonly opened: number; readonly listening: number };
  readonly trueEvents: number;
}

/** What the simulator counted since it started. */
export const statsOf = (parts: IciciControlParts): IciciStats => ({
  ...parts.server.stats(),
  rates: parts.limits.stats(),
  streams: { opened: parts.feed.opened, listening: parts.feed.listeners },
  trueEvents: parts.log.since().length,
});

/** Everything the control port can do; the same parts are steered directly by a caller in this process. */
export const controlRoutes = (parts: IciciControlParts): ControlRoutes => ({
  ...commonControls(parts),
  'GET /_sim/stats': () => statsOf(parts),
  'GET /_sim/orders': () => parts.book.orders().map(trueOrder),
  'POST /_sim/market': (body) => {
    parts.market.set(marketSchema.parse(body));
    parts.book.matchAll();
    parts.gtt.matchAll();
  },
  'POST /_sim/holdings': (body) => {
    parts.accounts.setHoldings(z.array(holdingSchema).parse(body));
  },
  'POST /_sim/quirks': (body) => {
    parts.broker.setQuirks(quirksSchema.parse(body));
  },
  'POST /_sim/addresses': (body) => {
    const { allowed } = z.strictObject({ allowed: z.array(z.string()).nullable() }).parse(body);
    parts.broker.setAddresses(allowed);
  },
  'POST /_sim/fill': (body) => {
    const wanted = fillBody.parse(body);
    return trueOrder(parts.book.fill(wanted.brokerOrderId, wanted.quantity, decimal(wanted.price)));
  },
  'POST /_sim/expire': (body) => {
    const wanted = z.strictObject({ brokerOrderId: z.string().nullable() }).parse(body);
    parts.book.expire(wanted.brokerOrderId);
  },
  'POST /_sim/order': (body) => {
    const { user_id, ...wire } = orderBody.parse(body);
    const userId = user_id ?? parts.sessions.users[0]?.userId ?? '';
    const fields = new Fields(wire);
    const judged = judgePlace(fields, parts.context(userId));
    if ('error' in judged) throw new RangeError(judged.error);
    const placed = parts.book.place(judged.terms, {
      userId,
      remark: fields.text('user_remark'),
      keepRemark: true,
      rejectLater: judged.rejectLater,
      foreign: true,
      channel: '1400',
    });
    return trueOrder(placed);
  },
  'POST /_sim/login': (body) => {
    parts.login.set(loginSchema.parse(body));
  },
  'POST /_sim/stream': (body) => {
    const { send, refusing } = streamBody.parse(body ?? {});
    if (refusing !== undefined) parts.feed.refuse(refusing);
    if (send !== undefined) parts.feed.sendRaw(send);
    else if (refusing !== false) parts.feed.drop();
  },
  'POST /_sim/token': (body) => {
    const { token, appKey } = tokenBody.parse(body);
    if (token === null) parts.sessions.end();
    else {
      const session = parts.sessions.login(
        appKey ?? parts.sessions.users[0]?.apps[0]?.appKey ?? '',
        token,
      );
      return { apiSession: session.apiSession, sessionToken: session.token };
    }
    return undefined;
  },
});
