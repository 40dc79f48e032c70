import { clientTag, orderId } from '../domain/ids';
import type { ClientTag, OrderId } from '../domain/ids';
import { istDate } from '../domain/time';
import type { Clock, Random } from '../ports/clock';

/**
 * A new order id: the IST date as `YYMMDD`, then nine random digits. Random, not counted, so that
 * a ledger restored from a backup cannot give out an id (and a tag) that the broker has seen today.
 */
export const newOrderId = (clock: Clock, random: Random): OrderId => {
  const date = istDate(clock.now()).replaceAll('-', '').slice(2);
  return orderId(`${date}${String(random.integer(1_000_000_000)).padStart(9, '0')}`);
};

/** What goes into the broker's free-text field: 18 letters and digits, unique per order. */
export const tagFor = (id: OrderId): ClientTag => clientTag(`TRN${id}`);
