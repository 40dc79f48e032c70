declare const brand: unique symbol;
/** A string or number that may not be mixed up with another of the same primitive type. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** One login at one broker, for example `paper-main`; letters, digits and dashes. */
export type AccountId = Brand<string, 'AccountId'>;
/** The folder name under src/brokers, for example `paper`. */
export type BrokerId = Brand<string, 'BrokerId'>;
/** Toran's own order id: 15 digits, IST date first (`YYMMDD` + 9 random digits). */
export type OrderId = Brand<string, 'OrderId'>;
/** The broker's id of an order. */
export type BrokerOrderId = Brand<string, 'BrokerOrderId'>;
/** What we put into the broker's free-text field so that the order can be found in its book. */
export type ClientTag = Brand<string, 'ClientTag'>;
/** One execution; unique within an account. */
export type TradeId = Brand<string, 'TradeId'>;
/** Milliseconds since 1970 UTC. */
export type EpochMs = Brand<number, 'EpochMs'>;
/** Milliseconds of a clock that never jumps; comparable within one process only. */
export type MonotonicMs = Brand<number, 'MonotonicMs'>;
/** `YYYY-MM-DD`, a day in Asia/Kolkata. */
export type IsoDate = Brand<string, 'IsoDate'>;
/** Exact decimal text such as `812.5`; made only by decimal.ts. */
export type Decimal = Brand<string, 'Decimal'>;

// Branding is the one place where `as` is allowed without a reason beside it.
export const accountId = (text: string): AccountId => text as AccountId;
export const brokerId = (text: string): BrokerId => text as BrokerId;
export const orderId = (text: string): OrderId => text as OrderId;
export const brokerOrderId = (text: string): BrokerOrderId => text as BrokerOrderId;
export const clientTag = (text: string): ClientTag => text as ClientTag;
export const tradeId = (text: string): TradeId => text as TradeId;
export const epochMs = (value: number): EpochMs => value as EpochMs;
export const monotonicMs = (value: number): MonotonicMs => value as MonotonicMs;
export const isoDate = (text: string): IsoDate => text as IsoDate;
