import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { z } from 'zod';
import type { IciciCommand } from '../../src/brokers/icici/command';
import type { IciciHistoryQuery, IciciQuery } from '../../src/brokers/icici/query';
import { contractCode } from '../../src/brokers/icici/contract-code';
import { parseDecimal } from '../../src/core/domain/decimal';
import { GatewayError } from '../../src/core/domain/errors';
import { brokerOrderId, epochMs, isoDate } from '../../src/core/domain/ids';
import type { Instrument } from '../../src/core/domain/instrument';
import { cashInstrument, indexInstrument } from '../../src/core/instruments/cash-symbol';
import { contractInstrument } from '../../src/core/instruments/symbol';
import { decimal } from '../../src/core/domain/decimal';
import type { BrokerName, BrokerSymbols, CallContext } from '../../src/core/ports/broker';

const FOLDER = path.join(__dirname, '..', 'fixtures', 'icici', 'rest');

/** The `Success` part of a recorded answer. */
export const recorded = (name: string): unknown => {
  const text = readFileSync(path.join(FOLDER, `${name}.json`), 'utf8');
  // Every recorded file has this form.
  return (JSON.parse(text) as { response: { Success: unknown } }).response.Success;
};
/** The parameters of the recorded call. */
export const recordedCall = (name: string): Readonly<Record<string, unknown>> => {
  const text = readFileSync(path.join(FOLDER, `${name}.json`), 'utf8');
  return (JSON.parse(text) as { request: { params: Record<string, unknown> } }).request.params;
};

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

const parse = <T>(schema: z.ZodType<T>, value: unknown): T => {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new GatewayError('SCHEMA', parsed.error.message);
};

/** A broker whose answers are what `answer` gives; it keeps what it was asked. */
export class Answers {
  readonly asked: Asked[] = [];
  readonly #answer: (asked: Asked) => unknown;

  constructor(answer: (asked: Asked) => unknown) {
    this.#answer = answer;
  }

  readonly query: IciciQuery = (method, path, body, schema) =>
    this.#reply({ method, path, body: { ...body } }, schema);

  readonly historyQuery: IciciHistoryQuery = (parameters, schema) =>
    this.#reply({ method: 'GET', path: 'v2', body: parameters }, schema);

  readonly command: IciciCommand = async (method, path, body, idOf) => {
    const id = await this.#reply({ method, path, body: { ...body } }, idOf);
    return { kind: 'accepted', brokerOrderId: brokerOrderId(id) };
  };

  async #reply<T>(asked: Asked, schema: z.ZodType<T>): Promise<T> {
    this.asked.push(asked);
    const answer = await Promise.resolve(this.#answer(asked));
    return parse(schema, answer);
  }
}

export const CALL: CallContext = {
  signal: new AbortController().signal,
  deadlineAt: epochMs(0),
  sendBy: null,
  correlationId: 'test',
};

const cash = { lotSize: 1, tickSize: decimal('0.05'), freezeQuantity: null };
export const share = (symbol: string, exchange: 'NSE' | 'BSE' = 'NSE'): Instrument =>
  cashInstrument({ exchange, symbol, name: symbol, ...cash });
export const index = (symbol: string): Instrument => indexInstrument('NSE_INDEX', symbol, symbol);
export const contract = (
  base: string,
  expiry: string,
  strike: string | null = null,
  right: 'CE' | 'PE' | null = null,
): Instrument => {
  const common = {
    exchange: 'NFO',
    name: base,
    lotSize: 75,
    tickSize: decimal('0.05'),
    freezeQuantity: null,
  } as const;
  const facts =
    strike === null || right === null
      ? ({ kind: 'future', base, expiry: isoDate(expiry), strike: null, right: null } as const)
      : ({
          kind: 'option',
          base,
          expiry: isoDate(expiry),
          strike: parseDecimal(strike) ?? decimal(strike),
          right,
        } as const);
  return contractInstrument(facts, common);
};

/** ICICI's short names by our base. */
const CODES: Readonly<Record<string, string>> = {
  RELIANCE: 'RELIND',
  NIFTY: 'NIFTY',
  BANKNIFTY: 'CNXBAN',
  ICICIBANK: 'ICIBAN',
};

/** Names as ICICI's master gives them. */
export const symbolsOf = (...instruments: readonly Instrument[]): BrokerSymbols => {
  const named = instruments.map((instrument): readonly [Instrument, BrokerName] => {
    const { expiry, strike, right, underlying } = instrument;
    const stockCode = CODES[underlying] ?? underlying;
    const exchange = instrument.exchange === 'NSE_INDEX' ? 'NSE' : instrument.exchange;
    const symbol = expiry === null ? stockCode : contractCode({ stockCode, expiry, strike, right });
    return [instrument, { symbol, exchange, token: '1' }];
  });
  return {
    nameOf: (id) =>
      named.find(([one]) => one.exchange === id.exchange && one.symbol === id.symbol)?.[1] ?? null,
    find: (exchange, symbol) =>
      named.find(([, name]) => name.exchange === exchange && name.symbol === symbol)?.[0] ?? null,
  };
};
