import type { z } from 'zod';
import { GatewayError } from '../../core/domain/errors';
import type { AccountId } from '../../core/domain/ids';
import type { BrokerPorts, CallContext } from '../../core/ports/broker';
import type { HttpResult } from '../../core/ports/http';
import { parsed, queryError, readAnswer } from './errors';
import type { IciciRest } from './rest-client';
import type { RestTime } from './rest-time';

/**
 * One signed read: paced, its `Success` by `schema`; "nothing found" is an empty list, or null where the
 * schema takes that alone. @throws GatewayError for everything else
 */
export type IciciQuery = <T>(
  method: 'GET' | 'POST',
  path: string,
  body: object,
  schema: z.ZodType<T>,
  context: CallContext,
) => Promise<T>;

/** One unsigned call of the v2 candles with `parameters` in its address; paced. @throws GatewayError */
export type IciciHistoryQuery = <T>(
  parameters: Readonly<Record<string, string>>,
  schema: z.ZodType<T>,
  context: CallContext,
) => Promise<T>;

export interface IciciQueries {
  readonly query: IciciQuery;
  readonly historyQuery: IciciHistoryQuery;
}

/** The queries of one account. A session that the broker calls dead is reported and not used again. */
export const createIciciQueries = (
  account: AccountId,
  rest: IciciRest,
  resting: RestTime,
  ports: Pick<BrokerPorts, 'tokens' | 'pacer'>,
): IciciQueries => {
  const ask = async <T>(
    what: string,
    send: (token: string, paced: CallContext) => Promise<HttpResult>,
    schema: z.ZodType<T>,
    context: CallContext,
  ): Promise<T> => {
    const { correlationId } = context;
    const token = await ports.tokens.current(account);
    if (token === null) {
      throw new GatewayError('NO_SESSION', `${what}: no live session`, { correlationId });
    }
    const left = resting.left();
    if (left > 0) {
      throw new GatewayError('BROKER_THROTTLED', `${what}: the broker said "too many calls"`, {
        correlationId,
        retryAfterMs: left,
      });
    }
    const answer = readAnswer(await ports.pacer.query(context, (paced) => send(token, paced)));
    if (answer.kind === 'success') return parsed(answer.data, schema, what, correlationId);
    if (answer.kind === 'nothing-found') {
      for (const nothing of [[], null]) {
        const empty = schema.safeParse(nothing);
        if (empty.success) return empty.data;
      }
    }
    if (answer.kind === 'dead-session') ports.tokens.died(account, token, answer.words);
    throw queryError(answer, what, correlationId, (per) => resting.begin(per));
  };
  return {
    query: (method, path, body, schema, context) =>
      ask(
        `${method} ${path}`,
        (token, paced) => rest.query(method, path, body, token, paced),
        schema,
        context,
      ),
    historyQuery: (parameters, schema, context) =>
      ask(
        'GET v2 historicalcharts',
        (token, paced) => rest.history(parameters, token, paced),
        schema,
        context,
      ),
  };
};
