import { z } from 'zod';
import { NOTHING } from '../fields';
import { defineRoute, success } from '../route';
import { EXAMPLE_ORDER_ID } from './examples';
import {
  bookOf,
  readAccess,
  readBody,
  readEnvelope,
  readExampleRequest,
  readFailures,
} from './reads';
import type { OrderRow } from './rows';
import { orderRow, orderRowSchema } from './rows';

const statisticsSchema = z.object({
  total_buy_orders: z.int(),
  total_sell_orders: z.int(),
  total_completed_orders: z.int(),
  total_open_orders: z.int(),
  total_rejected_orders: z.int(),
  total_trigger_pending_orders: z.int(),
  total_cancelled_orders: z.int(),
});

/** Counts of the book; a waiting stop or a cancelled order is in none of the contract's three. */
const statistics = (rows: readonly OrderRow[]): z.infer<typeof statisticsSchema> => {
  const count = (test: (row: OrderRow) => boolean): number => rows.filter(test).length;
  return {
    total_buy_orders: count((row) => row.action === 'BUY'),
    total_sell_orders: count((row) => row.action === 'SELL'),
    total_completed_orders: count((row) => row.order_status === 'complete'),
    total_open_orders: count((row) => row.order_status === 'open'),
    total_rejected_orders: count((row) => row.order_status === 'rejected'),
    total_trigger_pending_orders: count((row) => row.order_status === 'trigger pending'),
    total_cancelled_orders: count((row) => row.order_status === 'cancelled'),
  };
};

/** An order row as the documentation shows it. */
export const exampleOrderRow: OrderRow = {
  symbol: 'SBIN',
  exchange: 'NSE',
  action: 'BUY',
  quantity: 5,
  price: 812.5,
  trigger_price: 812,
  pricetype: 'SL',
  product: 'MIS',
  orderid: EXAMPLE_ORDER_ID,
  order_status: 'trigger pending',
  timestamp: '09-Sep-2025 10:15:02',
  timestamp_iso: '2025-09-09T10:15:02.118+05:30',
  average_price: 0,
  filled_quantity: 0,
  pending_quantity: 5,
  rejection_reason: '',
  strategy: 'ema-cross',
  account: 'paper-main',
  broker_order_id: 'P000000017',
  exchange_order_id: null,
  client_order_id: null,
  validity: 'DAY',
  state: 'trigger_pending',
  in_doubt: false,
  partial: false,
  is_exit: false,
  batch: null,
};

/** `POST /api/v1/orderbook`. */
export const orderBook = defineRoute({
  name: 'orderbook',
  method: 'post',
  path: '/api/v1/orderbook',
  access: readAccess,
  family: 'object',
  summary: 'Orders of today (India time) and all that are still open.',
  body: readBody,
  params: NOTHING,
  answer: z.object({
    ...readEnvelope,
    data: z.object({ orders: z.array(orderRowSchema), statistics: statisticsSchema }),
  }),
  examples: {
    request: readExampleRequest,
    success: {
      status: 'success',
      account: 'paper-main',
      simulated: true,
      data: { orders: [exampleOrderRow], statistics: statistics([exampleOrderRow]) },
    },
    failures: readFailures,
  },
  handle: async ({ body }, call) => {
    const { account, marks } = await bookOf(body.account, call);
    const orders = (await call.deps.books.orders(account.accountId)).map(orderRow);
    return success({ data: { orders, statistics: statistics(orders) }, ...marks });
  },
});
