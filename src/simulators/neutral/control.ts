import { z } from 'zod';
import { commonControls } from '../core/common-controls';
import type { ControlRoutes } from '../core/control-server';
import type { EventLog } from '../core/event-log';
import type { FaultPlan } from '../core/faults';
import type { FaultServer } from '../core/fault-server';
import type { RateMeter } from '../core/rate-meter';
import type { NeutralBook } from './book';
import type { NeutralBroker } from './broker';
import type { NeutralMarket } from './market';
import { marketSchema } from './market';
import type { UpdateFeed } from './updates';
import { holdingSchema, placeSchema } from './wire';

const fillBody = z.strictObject({
  brokerOrderId: z.string(),
  quantity: z.number().int().min(1),
  price: z.string().regex(/^\d{1,12}(\.\d{1,4})?$/),
});

export interface NeutralParts {
  readonly book: NeutralBook;
  readonly broker: NeutralBroker;
  readonly market: NeutralMarket;
  readonly feed: UpdateFeed;
  readonly plan: FaultPlan;
  readonly meter: RateMeter;
  readonly log: EventLog;
  readonly server: FaultServer;
}

/** What the simulator counted since it started. */
export const statsOf = (parts: NeutralParts): NeutralStats => ({
  ...parts.server.stats(),
  rates: parts.meter.stats(),
  streams: { opened: parts.feed.opened, listening: parts.feed.listeners },
  trueEvents: parts.log.since().length,
});
export interface NeutralStats extends ReturnType<FaultServer['stats']> {
  readonly rates: ReturnType<RateMeter['stats']>;
  readonly streams: { readonly opened: number; readonly listening: number };
  readonly trueEvents: number;
}

/** Everything the control port can do; the same parts are steered directly by a caller in this process. */
export const controlRoutes = (parts: NeutralParts): ControlRoutes => ({
  ...commonControls(parts),
  'GET /_sim/stats': () => statsOf(parts),
  'GET /_sim/orders': () => parts.book.orders(),
  'POST /_sim/market': (body) => {
    parts.market.set(marketSchema.parse(body));
    parts.book.matchAll();
  },
  'POST /_sim/holdings': (body) => {
    parts.broker.setHoldings(z.array(holdingSchema).parse(body));
  },
  'POST /_sim/fill': (body) => {
    const wanted = fillBody.parse(body);
    return parts.book.fill(wanted.brokerOrderId, wanted.quantity, wanted.price);
  },
  'POST /_sim/expire': (body) => {
    parts.book.expire(z.strictObject({ brokerOrderId: z.string() }).parse(body).brokerOrderId);
  },
  'POST /_sim/order': (body) =>
    parts.book.place(placeSchema.parse(body), {
      keepTag: true,
      rejectLater: null,
      foreign: true,
    }),
  'POST /_sim/token': (body) => {
    const { token } = z.strictObject({ token: z.string().min(1).nullable() }).parse(body);
    if (token === null) parts.broker.killToken();
    else parts.broker.renewToken(token);
  },
  'POST /_sim/stream': (body) => {
    const wanted = z.strictObject({ send: z.string().optional() }).parse(body ?? {});
    if (wanted.send === undefined) parts.feed.drop();
    else parts.feed.sendRaw(wanted.send);
  },
});
