import {
  addAccount,
  listAccounts,
  makeDefault,
  resetAccount,
  startAccount,
  stopAccount,
} from './admin/accounts';
import { addKey, listKeys, revokeKey } from './admin/keys';
import { explainOrder, resolveOrder } from './admin/orders';
import { setLive } from './admin/live';
import { login, loginAddress } from './admin/login';
import { accounts } from './openalgo/accounts';
import { analyzer, toggleAnalyzer } from './openalgo/analyzer';
import { CREDENTIAL_ADMIN } from './admin/credentials';
import { WEBHOOK_ADMIN } from './admin/webhooks';
import { basketOrder } from './openalgo/basket-order';
import { cancelAllOrder } from './openalgo/cancel-all-order';
import { cancelOrder } from './openalgo/cancel-order';
import { closePosition } from './openalgo/close-position';
import { depth } from './openalgo/depth';
import { funds } from './openalgo/funds';
import { holdings } from './openalgo/holdings';
import { margin } from './openalgo/margin';
import { marketHolidays } from './openalgo/market-holidays';
import { marketTimings } from './openalgo/market-timings';
import { expiry } from './openalgo/expiry';
import { instruments } from './openalgo/instruments';
import { intervals } from './openalgo/intervals';
import { modifyOrder } from './openalgo/modify-order';
import { openPosition } from './openalgo/open-position';
import { multiQuotes } from './openalgo/multi-quotes';
import { orderBook } from './openalgo/order-book';
import { orderStatus } from './openalgo/order-status';
import { ping } from './openalgo/ping';
import { placeOrder } from './openalgo/place-order';
import { placeSmartOrder } from './openalgo/place-smart-order';
import { positionBook } from './openalgo/position-book';
import { splitOrder } from './openalgo/split-order';
import { quotes } from './openalgo/quotes';
import { search } from './openalgo/search';
import { symbol } from './openalgo/symbol';
import { tradeBook } from './openalgo/trade-book';
import type { Route } from './route';
import { document } from './system/document';
import { health, healthCheck, healthStatus } from './system/health';
import { metrics } from './system/metrics';
import { ready } from './system/ready';
import { alertWebhook } from './webhooks/alert';
import { chartinkWebhook } from './webhooks/chartink';
import { strategyWebhook } from './webhooks/strategy';

/** Every path that the gateway serves; router, OpenAPI document and route tests are made from it. */
export const ROUTES: readonly Route[] = [
  placeOrder,
  placeSmartOrder,
  basketOrder,
  splitOrder,
  modifyOrder,
  cancelOrder,
  cancelAllOrder,
  closePosition,
  openPosition,
  analyzer,
  toggleAnalyzer,
  orderStatus,
  orderBook,
  tradeBook,
  positionBook,
  holdings,
  funds,
  quotes,
  multiQuotes,
  depth,
  margin,
  marketHolidays,
  marketTimings,
  ping,
  symbol,
  search,
  expiry,
  instruments,
  intervals,
  accounts,
  listAccounts,
  addAccount,
  makeDefault,
  stopAccount,
  startAccount,
  resetAccount,
  setLive,
  loginAddress,
  login,
  ...CREDENTIAL_ADMIN,
  listKeys,
  addKey,
  revokeKey,
  explainOrder,
  resolveOrder,
  document,
  health,
  healthStatus,
  healthCheck,
  ready,
  metrics,
  alertWebhook,
  strategyWebhook,
  chartinkWebhook,
  ...WEBHOOK_ADMIN,
];
