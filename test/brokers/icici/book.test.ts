import { beforeEach, describe, expect, it } from '@jest/globals';
import { brokerOrderId } from '../../../src/core/domain/ids';
import type { Exchange } from '../../../src/core/domain/instrument';
import { decimal } from '../../../src/core/domain/decimal';
import { answered, publishedAnswer } from '../../support/icici';
import { scriptedClient, success } from '../../support/icici-client';
import type { ScriptedClient, SeenCall } from '../../support/icici-client';

const rowsOf = (name: string): Record<string, unknown>[] =>
  publishedAnswer(name)['Success'] as Record<string, unknown>[]; // as published
const [ORDER = {}] = rowsOf('get_order_list');

let scripted: ScriptedClient;
/** The rows that an exchange's book has. */
let books: Record<string, Record<string, unknown>[]>;

beforeEach(async () => {
  books = { NSE: [ORDER] };
  scripted = scriptedClient((call: SeenCall) => {
    if (call.method === 'DELETE') return answered(publishedAnswer('cancel_order'));
    const rows = books[call.body['exchange_code'] ?? ''];
    return call.path === 'order' && rows !== undefined ? success(rows) : null;
  });
  // Commands of an earlier process cannot show any more.
  await scripted.clock.advance(120_000);
  await scripted.client.reports.orders(scripted.context());
});

/** The exchanges that the next reading of the orders asks. */
const asked = async (): Promise<string> => {
  scripted.calls.length = 0;
  await scripted.client.reports.orders(scripted.context());
  return scripted.calls.map((call) => call.body['exchange_code']).join(' ');
};
const ids = async (): Promise<string[]> =>
  (await scripted.client.reports.orders(scripted.context())).map((row) => row.brokerOrderId);
const cancelOn = async (exchange: Exchange): Promise<void> => {
  await scripted.client.execution.cancel(
    {
      brokerOrderId: brokerOrderId('20250205N300001234'),
      terms: {
        orderType: 'LIMIT',
        limitPrice: decimal('1'),
        triggerPrice: null,
        instrument: { exchange, symbol: 'ITC' },
        side: 'BUY',
        product: 'DELIVERY',
        timeInForce: 'DAY',
        quantity: 1,
        disclosedQuantity: 0,
      },
    },
    scripted.context(),
  );
};

describe('a reading of the order book', () => {
  it('asks only the exchanges where an order lives, and still shows all', async () => {
    books['BSE'] = [{ ...ORDER, exchange_code: 'BSE', stock_code: 'RELIND', status: 'Cancelled' }];
    await scripted.clock.advance(60_000);
    expect(await asked()).toBe('NSE BSE NFO BFO');
    expect(await asked()).toBe('NSE');
    expect(await ids()).toHaveLength(2);
  });

  it('asks the others again after a minute', async () => {
    await scripted.clock.advance(59_000);
    expect(await asked()).toBe('NSE');
    await scripted.clock.advance(1_000);
    expect(await asked()).toBe('NSE BSE NFO BFO');
  });

  it('asks an exchange each time for two minutes after a command went there', async () => {
    await cancelOn('NFO');
    expect(await asked()).toBe('NSE NFO');
    await scripted.clock.advance(55_000);
    expect(await asked()).toBe('NSE NFO');
    await scripted.clock.advance(64_000);
    expect(await asked()).toBe('NSE BSE NFO BFO');
    expect(await asked()).toBe('NSE NFO');
    await scripted.clock.advance(1_000);
    expect(await asked()).toBe('NSE');
  });

  it('trusts nothing after the positions were read', async () => {
    await scripted.client.reports.positions(scripted.context());
    // These are of the same moment as the positions.
    scripted.calls.length = 0;
    await scripted.client.reports.fills(scripted.context());
    expect(scripted.calls).toEqual([]);
    expect(await asked()).toBe('NSE BSE NFO BFO');
  });

  it('trusts nothing from before midnight in India', async () => {
    // The clock began at 10:02.
    await scripted.clock.advance(13 * 3_600_000 + 57 * 60_000 + 50_000);
    expect(await asked()).toBe('NSE BSE NFO BFO');
    expect(await asked()).toBe('NSE');
    await scripted.clock.advance(10_000);
    expect(await asked()).toBe('NSE BSE NFO BFO');
  });

  it('asks everything in the first two minutes, when commands of an earlier process may still show', async () => {
    const fresh = scriptedClient();
    await fresh.client.reports.orders(fresh.context());
    await fresh.client.reports.orders(fresh.context());
    expect(fresh.calls).toHaveLength(8);
  });
});
