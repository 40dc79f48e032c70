import { GatewayError } from '../domain/errors';
import { epochMs } from '../domain/ids';
import { instrumentKey } from '../domain/instrument';
import type { Instrument, InstrumentId } from '../domain/instrument';
import type { OrderTerms } from '../domain/order';
import type {
  BrokerClient,
  CallContext,
  InstrumentLookup,
  MarginReport,
  MarketDepth,
  QuoteResult,
} from '../ports/broker';
import type { Clock } from '../ports/clock';
import type { Accounts } from '../sessions/accounts';

const READ_TIMEOUT_MS = 10_000;

export type SymbolQuote =
  QuoteResult | { readonly kind: 'unknown-symbol'; readonly instrument: InstrumentId };

/** Prices and margins as the broker of an account gives them. `account`: id or label, null for the default one. */
export interface MarketReads {
  /** One result for each id, in the given order; the broker is asked once, for the ids that exist. @throws GatewayError UNSUPPORTED */
  quotes(account: string | null, ids: readonly InstrumentId[]): Promise<readonly SymbolQuote[]>;
  /** @throws GatewayError UNKNOWN_SYMBOL, NO_PRICE, UNSUPPORTED */
  depth(account: string | null, id: InstrumentId): Promise<MarketDepth>;
  /** Rupees that the orders would block. @throws GatewayError UNKNOWN_SYMBOL, NO_PRICE, UNSUPPORTED */
  margin(account: string | null, orders: readonly OrderTerms[]): Promise<MarginReport>;
}

export const createMarketReads = (
  accounts: Accounts,
  instruments: InstrumentLookup,
  clock: Clock,
): MarketReads => {
  const open = async <Part extends 'marketData' | 'margin'>(
    selector: string | null,
    part: Part,
    words: string,
  ): Promise<{ source: NonNullable<BrokerClient[Part]>; context: CallContext }> => {
    const account = await accounts.resolve(selector);
    const { client, module } = await accounts.open(account);
    const source = client[part];
    if (source === undefined) {
      throw new GatewayError('UNSUPPORTED', `${module.title} (${module.id}) gives no ${words}.`);
    }
    return {
      source,
      context: {
        signal: AbortSignal.timeout(READ_TIMEOUT_MS),
        deadlineAt: epochMs(clock.now() + READ_TIMEOUT_MS),
        sendBy: null,
        correlationId: `market-${account.accountId}`,
      },
    };
  };
  const known = (id: InstrumentId, place: string): Instrument => {
    const found = instruments.find(id);
    if (found !== null) return found;
    throw new GatewayError(
      'UNKNOWN_SYMBOL',
      `${place}symbol: there is no ${id.symbol} on ${id.exchange}.`,
      { field: 'symbol' },
    );
  };
  return {
    quotes: async (selector, ids) => {
      const { source, context } = await open(selector, 'marketData', 'quotes');
      const found = ids.map((id) => instruments.find(id));
      const wanted = new Map(
        found.flatMap((one) => (one === null ? [] : [[instrumentKey(one), one] as const])),
      );
      const answers = wanted.size === 0 ? [] : await source.quotes([...wanted.values()], context);
      const byKey = new Map(
        answers.map((answer) => [
          instrumentKey(answer.kind === 'quote' ? answer.quote.instrument : answer.instrument),
          answer,
        ]),
      );
      return ids.map((instrument): SymbolQuote => {
        const key = instrumentKey(instrument);
        if (!wanted.has(key)) return { kind: 'unknown-symbol', instrument };
        return byKey.get(key) ?? { kind: 'none', instrument, reason: 'the broker left it out' };
      });
    },
    depth: async (selector, id) => {
      const { source, context } = await open(selector, 'marketData', 'market depth');
      return source.depth(known(id, ''), context);
    },
    margin: async (selector, orders) => {
      const { source, context } = await open(selector, 'margin', 'margin calculator');
      return source.required(
        orders.map((terms, index) => ({
          terms,
          instrument: known(terms.instrument, `Position ${index + 1}: `),
        })),
        context,
      );
    },
  };
};
