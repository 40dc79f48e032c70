import type { ModifiableTerms } from '../../core/domain/order';
import { changeFrom } from './rows';
import type { CommandRow } from './schema';

/** What a modify wants the order to be; null for other commands. */
export const changeOf = (command: CommandRow): ReturnType<typeof changeFrom> | null =>
  command.change === null ? null : changeFrom(command.change);

/** The columns of an order that a modify writes. */
export const termColumns = (
  change: ModifiableTerms,
): {
  order_type: ModifiableTerms['orderType'];
  quantity: number;
  disclosed_quantity: number;
  limit_price: string | null;
  trigger_price: string | null;
} => ({
  order_type: change.orderType,
  quantity: change.quantity,
  disclosed_quantity: change.disclosedQuantity,
  limit_price: change.limitPrice,
  trigger_price: change.triggerPrice,
});
