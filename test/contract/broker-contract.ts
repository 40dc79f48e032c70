import { afterEach, beforeEach, describe, it } from '@jest/globals';
import type { CommandKind } from '../../src/core/domain/command';
import type { AccountId, BrokerOrderId, EpochMs } from '../../src/core/domain/ids';
import type { Instrument } from '../../src/core/domain/instrument';
import type { OrderTerms } from '../../src/core/domain/order';
import type {
  BrokerClient,
  BrokerModule,
  CallContext,
  Capabilities,
} from '../../src/core/ports/broker';
import { faultCards } from './cards/faults';
import { marginCards, marketDataCards } from './cards/market-data';
import { modifyCards } from './cards/modify';
import { placeCards } from './cards/place';
import { rateCards } from './cards/rate';
import { reportCards } from './cards/reports';
import { sessionCards } from './cards/session';
import { streamCards } from './cards/streams';
import { symbolCards } from './cards/symbols';

/** What can go wrong with a call, in no broker's words; a harness makes its simulator do it once. */
export const CONTRACT_FAULTS = [
  'broker-refusal',
  'connection-refused',
  'hang',
  'reset-before-reply',
  'reset-mid-body',
  'html-502',
  'error-in-200',
  'documented-429',
  'undocumented-429',
  'truncated-json',
  'expired-token',
] as const;
export type ContractFault = (typeof CONTRACT_FAULTS)[number];

/** A broker, its simulator and one account, freshly started for one card. */
export interface BrokerHarness {
  readonly account: AccountId;
  readonly client: BrokerClient;
  readonly instruments: readonly Instrument[];
  context(changes?: Partial<CallContext>): CallContext;
  now(): EpochMs;
  /** A limit order far from the market: it rests. Also gives terms that the broker takes for other types and products. */
  terms(changes?: Partial<Pick<OrderTerms, 'product' | 'timeInForce' | 'quantity'>>): OrderTerms;
  /** The same for a stop or market order. */
  termsOfType(type: OrderTerms['orderType']): OrderTerms;
  /** Terms that this broker refuses, or that it was told to refuse. */
  refusedTerms(): Promise<OrderTerms>;
  /** Requests of this kind that the broker's server saw; 0 where there is no server. */
  seen(kind: CommandKind | 'query'): number;
  /** Orders that truly exist at the broker. */
  trulyPlaced(): Promise<number>;
  /** Commands of this kind that truly took effect. */
  trulyDone(kind: CommandKind): Promise<number>;
  fault(target: CommandKind | 'orders', fault: ContractFault): Promise<void>;
  /** Fills part of a resting order from outside. */
  fill(id: BrokerOrderId, quantity: number, price: string): Promise<void>;
  /** The token that the account has from now on; null for none. */
  setToken(token: 'right' | 'wrong' | null): void;
  /** The next book carries a word outside the documented enumeration. */
  corruptBook(): Promise<{ readonly word: string }>;
  /** From now on the broker has no price of this symbol. */
  dropPrice(symbol: string): void;
  paced(): number;
  refuseQueries(): void;
  readonly stream: {
    next(how: 'duplicate' | 'reorder' | 'before-answer' | 'stale-partial'): Promise<void>;
    drop(): Promise<void>;
    sendUnknown(): Promise<void>;
    opened(): number;
  };
  close(): Promise<void>;
}

/** A broker under test. What it cannot do is said here, with the reason that the test's name will show. */
export interface BrokerUnderTest {
  readonly module: BrokerModule;
  /** Null when faults can be scripted; otherwise why not. */
  readonly noFaults: string | null;
  /** Null when a resting order can be filled from outside; otherwise why not. */
  readonly noFills: string | null;
  /** Null when the account needs a session; otherwise why not. */
  readonly noSession: string | null;
  /** Null when it gives quotes; otherwise why not. */
  readonly noMarketData: string | null;
  /** Null when it has a margin calculator; otherwise why not. */
  readonly noMargin: string | null;
  /** Set when it has no stream of order updates: why. */
  readonly noStream?: string;
  /** Set when the messages of its stream name no tag: why. */
  readonly untaggedStream?: string;
  /** True when its books never give the tag back. */
  readonly losesTags?: true;
  /** How exactly its book writes when an order was placed, milliseconds; absent: seconds. */
  readonly timeStepMs?: number;
  /** What an error inside HTTP 200 proves at this broker. */
  readonly errorIn200: 'unknown' | 'rejected';
  open(): Promise<BrokerHarness>;
}

/** One numbered scenario. It throws when the adapter breaks the contract. */
export interface Card {
  readonly id: string;
  readonly title: string;
  /** Why the card does not apply to this broker, or null. */
  readonly skip: (broker: BrokerUnderTest, capabilities: Capabilities) => string | null;
  readonly run: (harness: BrokerHarness, broker: BrokerUnderTest) => Promise<void>;
}

/** Every card, in the order of its number. */
export const CARDS: readonly Card[] = [
  ...placeCards,
  ...modifyCards,
  ...faultCards,
  ...sessionCards,
  ...reportCards,
  ...marketDataCards,
  ...marginCards,
  ...symbolCards,
  ...streamCards,
  ...rateCards,
];

/** Defines the suite for one broker. */
export const brokerContract = (broker: BrokerUnderTest): void => {
  describe(`broker contract: ${broker.module.id}`, () => {
    let harness: BrokerHarness;
    beforeEach(async () => {
      harness = await broker.open();
    });
    afterEach(async () => {
      await harness.close();
    });

    for (const card of CARDS) {
      const reason = card.skip(broker, broker.module.capabilities);
      const name = `${card.id} ${card.title}`;
      if (reason === null) it(name, () => card.run(harness, broker));
      else it.skip(`${name} (skipped: ${reason})`, () => card.run(harness, broker));
    }
  });
};
