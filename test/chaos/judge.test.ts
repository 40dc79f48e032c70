import { describe, expect, it } from '@jest/globals';
import type { TrueEvent } from '../../src/simulators/core/event-log';
import type { NeutralOrder } from '../../src/simulators/neutral/wire';
import { judge } from './judge';
import type { Facts, Row, Verdict } from './judge';
import type { Intent } from './sender';

const ID = '261121000000001';

const intent = (changes: Partial<Intent> = {}): Intent => ({
  name: 'intent-1',
  path: 'placeorder',
  body: {},
  legs: 1,
  resend: 'always',
  answers: [{ status: 200, json: { status: 'success', orderid: ID } }],
  unanswered: 0,
  ...changes,
});
const row = (changes: Partial<Row> = {}): Row => ({
  orderid: ID,
  strategy: 'intent-1',
  state: 'filled',
  in_doubt: false,
  pricetype: 'MARKET',
  action: 'BUY',
  broker_order_id: 'N1',
  quantity: 5,
  filled_quantity: 5,
  price: 0,
  trigger_price: 0,
  ...changes,
});
const placement = (changes: Partial<TrueEvent> = {}): TrueEvent => ({
  seq: 1,
  at: 1,
  operation: 'place',
  brokerOrderId: 'N1',
  tag: `TRN${ID}`,
  exchange: 'NSE',
  symbol: 'SBIN',
  side: 'buy',
  orderType: 'market',
  product: 'intraday',
  quantity: 5,
  price: null,
  triggerPrice: null,
  ...changes,
});
const booked = (changes: Partial<NeutralOrder> = {}): NeutralOrder => ({
  order_id: 'N1',
  exchange_order_id: 'X1',
  tag: `TRN${ID}`,
  exchange: 'NSE',
  symbol: 'SBIN',
  side: 'buy',
  type: 'market',
  product: 'intraday',
  validity: 'day',
  quantity: 5,
  disclosed_quantity: 0,
  price: null,
  trigger_price: null,
  status: 'complete',
  filled_quantity: 5,
  average_price: '100',
  message: null,
  placed_at: '2026-11-21T10:00:00+05:30',
  ...changes,
});
const facts = (changes: Partial<Facts> = {}): Facts => ({
  intents: [intent()],
  changes: [],
  rows: [row()],
  commands: [{ orderId: ID, kind: 'place', state: 'accepted', settledAt: 2 }],
  history: [],
  placements: [placement()],
  book: [booked()],
  alarms: new Set(),
  tagsMayBeLost: false,
  marketLimits: null,
  bookTellsTriggers: true,
  stoppedReason: null,
  overLimit: 0,
  ...changes,
});
const denied = { state: 'denied', broker_order_id: null, filled_quantity: 0 } as const;
const waiting: Partial<Facts> = {
  rows: [row({ state: 'trigger_pending', filled_quantity: 0 })],
  book: [booked({ status: 'triggered', filled_quantity: 0 })],
};
const open = { state: 'accepted', filled_quantity: 0 } as const;
const verdicts = (changes: Partial<Facts>): readonly Verdict[] => [
  ...new Set(judge(facts(changes)).map((failure) => failure.verdict)),
];

describe('the judge of the chaos runs', () => {
  it('finds nothing where the gateway says what the broker has', () => {
    expect(judge(facts())).toEqual([]);
    expect(verdicts({ rows: [row(denied)], placements: [], book: [] })).toEqual([]);
    const marketLimits = { BUY: 103, SELL: 97 };
    expect(verdicts({ marketLimits, book: [booked({ price: '103' })] })).toEqual([]);
    const untold = { ...waiting, bookTellsTriggers: false };
    expect(verdicts(untold)).toEqual([]);
  });

  it('takes the cancel of an order that still waited for done, since nothing was sent', () => {
    const waited = {
      rows: [row({ ...denied, state: 'canceled' })],
      commands: [{ orderId: ID, kind: 'cancel', state: 'accepted', settledAt: 2 }] as const,
    };
    expect(verdicts({ ...waited, placements: [], book: [] })).toEqual([]);
    expect(verdicts(waited)).toEqual(['lost']);
  });

  it.each<[string, Partial<Facts>, Verdict]>([
    [
      'two placements of one order',
      { placements: [placement(), placement({ seq: 2 })] },
      'doubled',
    ],
    ['two orders of one intent', { rows: [row(), row({ orderid: '2', ...denied })] }, 'doubled'],
    [
      'a resend that is answered with another order',
      {
        intents: [
          intent({
            answers: [
              { status: 200, json: { orderid: ID } },
              { status: 400, json: { orderid: '2' } },
            ],
          }),
        ],
        rows: [row()],
      },
      'doubled',
    ],
    [
      'an acknowledged order that is unknown',
      { rows: [], placements: [], book: [], commands: [] },
      'lost',
    ],
    [
      'a placement that belongs to no order',
      { placements: [placement(), placement({ tag: 'x' })] },
      'lost',
    ],
    ['an order called denied that the broker has', { rows: [row(denied)] }, 'lost'],
    ['an order called filled that was never placed', { placements: [], book: [] }, 'lost'],
    ['an order called filled that is open', { book: [booked({ status: 'open' })] }, 'lost'],
    [
      'a market order at another limit than its price allows',
      { marketLimits: { BUY: 103, SELL: 97 }, book: [booked({ price: '97' })] },
      'unsettled',
    ],
    ['a stop called waiting that the book shows as triggered', waiting, 'unsettled'],
    [
      'a stop called waiting that is filled in part, where the book does not tell triggers',
      {
        bookTellsTriggers: false,
        rows: [row({ state: 'trigger_pending', filled_quantity: 1 })],
        book: [booked({ status: 'triggered', filled_quantity: 1 })],
      },
      'unsettled',
    ],
    [
      'a limit order at another limit than its own',
      {
        marketLimits: { BUY: 103, SELL: 97 },
        rows: [row({ pricetype: 'LIMIT', price: 100 })],
        book: [booked({ price: '103' })],
      },
      'unsettled',
    ],
    [
      'a denied order that came back',
      { history: [{ orderId: ID, from: 'denied', to: 'accepted' }] },
      'lost',
    ],
    [
      'a cancel called done on an order that works',
      {
        rows: [row(open)],
        book: [booked({ status: 'open', filled_quantity: 0 })],
        commands: [{ orderId: ID, kind: 'cancel', state: 'accepted', settledAt: 2 }],
      },
      'lost',
    ],
    [
      'an acknowledged cancel without a command',
      {
        changes: [
          {
            kind: 'cancel',
            orderId: ID,
            answer: { status: 200, json: { command_state: 'queued' } },
          },
        ],
      },
      'lost',
    ],
    [
      'an order that still waits',
      { rows: [row({ ...denied, state: 'queued' })], placements: [], book: [] },
      'unsettled',
    ],
    [
      'another quantity than the broker has',
      { book: [booked({ quantity: 6, filled_quantity: 5 })] },
      'unsettled',
    ],
    ['doubt that the book could end', { rows: [row({ in_doubt: true })] }, 'unsettled'],
    [
      'a command without an end',
      { commands: [{ orderId: ID, kind: 'modify', state: 'accepted', settledAt: null }] },
      'unsettled',
    ],
    ['entries that were stopped', { stoppedReason: 'position mismatch' }, 'unsettled'],
    ['calls above the limit', { overLimit: 1 }, 'over limit'],
  ])('finds %s', (_what, changes, verdict) => {
    expect(verdicts(changes)).toEqual([verdict]);
  });

  it('lets doubt last only where the book has lost the tag, and with an alarm', () => {
    const untold: Partial<Facts> = {
      tagsMayBeLost: true,
      rows: [row({ ...denied, state: 'submitted', in_doubt: true })],
      book: [booked({ tag: '' })],
      commands: [],
    };
    expect(verdicts({ ...untold, alarms: new Set([ID]) })).toEqual([]);
    expect(verdicts(untold)).toEqual(['unsettled']);
    expect(verdicts({ ...untold, alarms: new Set([ID]), book: [booked()] })).toEqual(['unsettled']);
  });
});
