import type { z } from 'zod';
import { GatewayError } from '../../core/domain/errors';
import type { AccountId } from '../../core/domain/ids';
import type { BrokerPorts, CallContext } from '../../core/ports/broker';
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

/** The queries of one account. A session that the broker calls dead is reported and not used again. */
export const createIciciQuery =
  (account: AccountId, rest: IciciRest, resting: RestTime, ports: BrokerPorts): IciciQuery =>
  async (method, path, body, schema, context) => {
    const { correlationId } = context;
    const what = `${method} ${path}`;
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
    const result = await ports.pacer.query(context, (paced) =>
      rest.query(method, path, body, token, paced),
    );
    const answer = readAnswer(result);
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
