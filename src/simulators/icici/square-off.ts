import type { SimulatedReply } from '../core/fault-server';
import { Fields } from './fields';
import type { OrderCall, OrderDesk } from './orders';
import { skipped } from './orders';
import type { IciciPortfolio } from './portfolio';
import { failed, ok } from './reply';
import { judgePlace } from './terms';
import type { TermContext } from './terms';
import type { Texts } from './texts';

/** POST squareoff: an order against an open position, under field names of its own. */
export const squareOff = (
  call: OrderCall,
  desk: OrderDesk,
  portfolio: IciciPortfolio,
  context: TermContext,
  texts: Texts,
): SimulatedReply => {
  const { fields } = call;
  const contract = ['NFO', 'BFO'].includes(fields.text('exchange_code').toUpperCase());
  const type = fields.word('order_type');
  const named = new Fields({
    ...fields.raw,
    product: fields.text('product_type') || fields.text('product') || (contract ? '' : 'cash'),
    // The official client leaves these two empty unless it is told.
    order_type: type === '' ? 'limit' : type,
    validity: fields.text('validity') || 'day',
    stoploss: fields.text('stoploss_price') || fields.text('stoploss'),
  });
  const judged = judgePlace(named, context);
  if ('error' in judged) return failed(judged.error);
  const { terms, rejectLater } = judged;
  const held = portfolio.held(call.userId, terms.instrument);
  const closes = terms.action === 'sell' ? held >= terms.quantity : -held >= terms.quantity;
  if (!closes) return failed(texts.noPosition);
  const id = skipped(call.faults)
    ? desk.falseId(terms)
    : desk.enter(call, terms, rejectLater, '2500').orderId;
  return ok({ order_id: id, message: 'Successfully Placed the order', indicator: '0' });
};
