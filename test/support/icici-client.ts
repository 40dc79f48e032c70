import { iciciModule } from '../../src/brokers/icici';
import { GatewayError } from '../../src/core/domain/errors';
import { accountId, epochMs } from '../../src/core/domain/ids';
import type { BrokerClient, BrokerPorts, CallContext } from '../../src/core/ports/broker';
import type { HttpRequest, HttpResult } from '../../src/core/ports/http';
import { FakeClock } from '../fakes/fake-clock';
import { answered, refusal } from './icici';
import { LISTED, symbolsOf } from './icici-symbols';

const ICICI_ACCOUNT = accountId('icici-ab123456');
export const TOKEN = 'QUIxMjM0NTY6NTU1MTIzNDU=';

/** One request as the broker would see it. */
export interface SeenCall {
  readonly method: string;
  readonly path: string;
  readonly body: Readonly<Record<string, string>>;
  readonly request: HttpRequest;
}
/** What the broker says to a call; null: nothing was found. */
export type Answer = (call: SeenCall) => HttpResult | null;

/** A client of the adapter over scripted answers, and everything that it did to its ports. */
export interface ScriptedClient {
  readonly client: BrokerClient;
  readonly clock: FakeClock;
  readonly calls: SeenCall[];
  readonly died: string[];
  readonly warnings: unknown[];
  paced(): number;
  answer(next: Answer): void;
  setToken(token: string | null): void;
  context(): CallContext;
}

/** Every call without an answer of its own finds nothing. */
export const scriptedClient = (first: Answer = () => null): ScriptedClient => {
  const clock = new FakeClock(Date.parse('2025-02-05T10:00:00+05:30'));
  const calls: SeenCall[] = [];
  const died: string[] = [];
  const warnings: unknown[] = [];
  let paced = 0;
  let answer = first;
  let token: string | null = TOKEN;
  const silent = (): void => undefined;
  const logger: BrokerPorts['logger'] = {
    debug: silent,
    info: silent,
    warn: (...said: unknown[]) => {
      warnings.push(said);
    },
    error: silent,
    child: () => logger,
  };
  const unused = (): never => {
    throw new GatewayError('INTERNAL', 'this port is not used');
  };
  const ports: BrokerPorts = {
    clock,
    random: { bytes: unused, integer: unused },
    http: {
      request: (request) => {
        const body: unknown = JSON.parse(String(request.body));
        const call: SeenCall = {
          method: request.method,
          path: new URL(request.url).pathname.replace('/breezeapi/api/v1/', ''),
          body: body as SeenCall['body'], // every body of this API is an object of texts
          request,
        };
        calls.push(call);
        return Promise.resolve(answer(call) ?? refusal('No Data Found'));
      },
    },
    socket: { open: unused },
    socketIo: { open: unused },
    pacer: {
      query: (context, send) => {
        paced += 1;
        return send(context);
      },
    },
    tokens: {
      current: () => Promise.resolve(token),
      died: (_account, dead, words) => {
        died.push(`${dead} ${words}`);
        token = null;
      },
    },
    instruments: { find: () => null },
    symbols: symbolsOf(LISTED),
    market: {
      label: 'none',
      now: () => clock.now(),
      isOpen: () => true,
      quote: () => null,
      day: () => null,
      priceAt: () => null,
    },
    calendar: { session: unused } as unknown as BrokerPorts['calendar'], // never asked by this broker
    dataDirectory: '/nowhere',
    logger,
  };
  const credentials = iciciModule.credentials.parse({
    apiKey: '8c7Q1&5#sAmPleAppKey^42',
    apiSecret: 's3cr3t$Demo=Key*2026',
    outgoingAddress: '203.0.113.9',
  });
  return {
    client: iciciModule.create(ICICI_ACCOUNT, credentials, ports),
    clock,
    calls,
    died,
    warnings,
    paced: () => paced,
    answer: (next) => {
      answer = next;
    },
    setToken: (next) => {
      token = next;
    },
    context: () => ({
      signal: new AbortController().signal,
      deadlineAt: epochMs(clock.now() + 5_000),
      sendBy: null,
      correlationId: 'test',
    }),
  };
};

/** `Success` with Status 200. */
export const success = (data: unknown): HttpResult =>
  answered({ Success: data, Status: 200, Error: null });
