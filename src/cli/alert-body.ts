import { GatewayError } from '../core/domain/errors';
import { instrumentKey } from '../core/domain/instrument';
import type { Hook } from '../core/webhooks/hooks';
import { shownSettings } from '../api/admin/webhook-settings';

/**
 * Equal when TradingView sends an alert again, because it writes a message once; another for the next
 * alert: the time to the second, and for a strategy its side and the position that it leads to, which
 * tell apart two orders of one bar. Not the name of the order: it may hold blanks.
 */
const idOf = (symbol: string, isStrategy: boolean): string =>
  `${symbol}-{{timenow}}${isStrategy ? '-{{strategy.order.action}}-{{strategy.position_size}}' : ''}`;
const TOKEN_PLACE = 'PASTE-THE-TOKEN-HERE';

export interface AlertOptions {
  readonly symbol: string;
  readonly exchange?: string;
  readonly product?: string;
  readonly action?: string;
  readonly quantity?: string;
  readonly smart?: boolean;
  readonly id?: string;
}

const refused = (option: string, message: string): GatewayError =>
  new GatewayError('VALIDATION', `--${option}: ${message}`, { field: option });

const given = (option: string, value: string | undefined): string => {
  if (value === undefined) throw refused(option, 'this webhook needs it');
  return value;
};

/**
 * The message of a TradingView alert for `hook`, and the path to which it goes.
 * @throws GatewayError VALIDATION, which names the option that the settings of the hook do not allow
 */
export const alertBody = (
  hook: Hook,
  options: AlertOptions,
): { readonly path: string; readonly body: Readonly<Record<string, unknown>> } => {
  const { settings } = hook;
  const { action, quantity } = options;
  const id = options.id ?? idOf(options.symbol, action === undefined || quantity === undefined);
  if (settings.kind === 'chartink') {
    throw refused('hook', 'ChartInk writes its own message; paste the URL there');
  }
  const side = action ?? '{{strategy.order.action}}';
  if (settings.kind === 'strategy') {
    if (!settings.mappings.some((mapping) => mapping.symbol === options.symbol)) {
      throw refused('symbol', `${options.symbol} is not mapped in this webhook`);
    }
    return {
      path: '/strategy/webhook/THE-ID-THAT-WAS-SHOWN',
      body: {
        symbol: options.symbol,
        action: side,
        ...(settings.mode === 'BOTH' ? { position_size: '{{strategy.position_size}}' } : {}),
        client_order_id: id,
      },
    };
  }
  const exchange = given('exchange', options.exchange);
  const product = given('product', options.product);
  const key = `${exchange}:${options.symbol}`;
  if (
    settings.symbols !== null &&
    !settings.symbols.some((known) => instrumentKey(known) === key)
  ) {
    throw refused('symbol', `this webhook may not trade ${key}`);
  }
  const words = shownSettings(settings);
  const allows = (name: string, word: string): boolean =>
    Array.isArray(words[name]) && words[name].includes(word);
  if (!allows('products', product)) throw refused('product', `this webhook may not use ${product}`);
  if (!allows('pricetypes', 'MARKET')) {
    throw refused('hook', 'this webhook takes no MARKET orders; write the message by hand');
  }
  if (action !== undefined && !allows('actions', action.toUpperCase())) {
    throw refused('action', `this webhook may not ${action}`);
  }
  if (
    quantity !== undefined &&
    !(Number(quantity) >= 1 && Number(quantity) <= settings.maxQuantity)
  ) {
    throw refused('quantity', `must be from 1 to ${settings.maxQuantity} for this webhook`);
  }
  if (options.smart === true && !(settings.smart && settings.sides.length === 2)) {
    throw refused('smart', 'this webhook may not place smart orders');
  }
  return {
    path: `/webhook/${hook.hookId}`,
    body: {
      token: TOKEN_PLACE,
      exchange,
      symbol: options.symbol,
      action: side,
      quantity: quantity ?? '{{strategy.order.contracts}}',
      pricetype: 'MARKET',
      product,
      ...(options.smart === true ? { position_size: '{{strategy.position_size}}' } : {}),
      client_order_id: id,
    },
  };
};
