import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { parsed, readAnswer } from '../../../src/brokers/icici/errors';
import {
  iciciCustomer,
  iciciDemat,
  iciciFunds,
  iciciHolding,
  iciciPosition,
} from '../../../src/brokers/icici/wire/account';
import { gttAnswer, gttBook } from '../../../src/brokers/icici/wire/gtt';
import {
  iciciCandles,
  iciciChain,
  iciciMargin,
  iciciPreview,
  iciciQuotes,
} from '../../../src/brokers/icici/wire/market';
import { iciciFill, iciciOrder, iciciOrderId } from '../../../src/brokers/icici/wire/orders';
import {
  iciciFundsMoved,
  iciciLimitCalculation,
  iciciMarginOfAccount,
  iciciTrade,
} from '../../../src/brokers/icici/wire/uncalled';
import { answered, publishedAnswer } from '../../support/icici';

const FOLDER = path.join(__dirname, '..', '..', 'fixtures', 'icici', 'rest');
const FILES = readdirSync(FOLDER).map((file) => path.basename(file, '.json'));

/** What reads the `Success` part of each recorded answer. */
const SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  cancel_order: iciciOrderId,
  get_customer_details: iciciCustomer,
  get_demat_holdings: z.array(iciciDemat).min(1),
  get_funds: iciciFunds,
  get_historical_data: iciciCandles,
  'get_historical_data-2': iciciCandles,
  'get_historical_data-3': iciciCandles,
  get_historical_data_v2: iciciCandles,
  'get_historical_data_v2-2': iciciCandles,
  'get_historical_data_v2-3': iciciCandles,
  get_margin: iciciMarginOfAccount,
  get_option_chain_quotes: iciciChain,
  'get_option_chain_quotes-2': iciciChain,
  get_order_detail: z.array(iciciOrder).min(1),
  get_order_list: z.array(iciciOrder).min(1),
  get_portfolio_holdings: z.array(iciciHolding).min(1),
  get_portfolio_positions: z.array(iciciPosition).min(1),
  get_quotes: iciciQuotes,
  get_trade_detail: z.array(iciciFill).min(1),
  get_trade_list: z.array(iciciTrade).min(1),
  gtt_order_book: gttBook,
  gtt_single_leg_cancel_order: gttAnswer,
  gtt_single_leg_modify_order: gttAnswer,
  gtt_single_leg_place_order: gttAnswer,
  gtt_three_leg_cancel_order: gttAnswer,
  gtt_three_leg_modify_order: gttAnswer,
  gtt_three_leg_place_order: gttAnswer,
  limit_calculator: iciciLimitCalculation,
  margin_calculator: iciciMargin,
  modify_order: iciciOrderId,
  place_order: iciciOrderId,
  'place_order-2': iciciOrderId,
  'place_order-3': iciciOrderId,
  preview_order: iciciPreview,
  set_funds: iciciFundsMoved,
  square_off: iciciOrderId,
  'square_off-2': iciciOrderId,
};

describe('the recorded answers', () => {
  it('are all accounted for', () => {
    expect(Object.keys(SCHEMAS).sort()).toEqual([...FILES].sort());
  });

  it.each(FILES)('%s comes in an envelope that is read as a success', (name) => {
    expect(readAnswer(answered(publishedAnswer(name)))).toMatchObject({ kind: 'success' });
  });

  it.each(Object.entries(SCHEMAS))('%s is read, and says something', (name, schema) => {
    const read = parsed(publishedAnswer(name)['Success'], schema, name, 'test');
    expect(read).not.toEqual([]);
    expect(read).toBeTruthy();
  });

  it.each(Object.entries(SCHEMAS))('%s without its content is refused', (_, schema) => {
    for (const nothing of [{}, 'text', [{}]]) {
      expect(schema.safeParse(nothing).success).toBe(false);
    }
  });
});
