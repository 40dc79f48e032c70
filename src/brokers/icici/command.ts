import type { z } from 'zod';
import type { AccountId } from '../../core/domain/ids';
import type { BrokerPorts, CallContext, CommandOutcome } from '../../core/ports/broker';
import { commandOutcome, readAnswer } from './errors';
import type { IciciRest } from './rest-client';
import type { RestTime } from './rest-time';

/**
 * One signed command, judged by what its answer proves. `idOf` takes the broker's id out of `Success`;
 * `expected` is the order that a modify or cancel is for, null for a new one.
 */
export type IciciCommand = (
  method: 'POST' | 'PUT' | 'DELETE',
  path: string,
  body: object,
  idOf: z.ZodType<string>,
  context: CallContext,
  expected?: string | null,
) => Promise<CommandOutcome>;

export interface IciciCommandDeps {
  readonly account: AccountId;
  readonly rest: IciciRest;
  readonly resting: RestTime;
  readonly ports: Pick<BrokerPorts, 'tokens' | 'logger'>;
  /** The address that the broker sees, null when it is not known. */
  readonly outgoingAddress: string | null;
}

/** The commands of one account. A session that the broker calls dead is reported and not used again. */
export const createIciciCommand = (deps: IciciCommandDeps): IciciCommand => {
  const { account, rest, resting, ports } = deps;
  const address = deps.outgoingAddress ?? "this machine's outgoing address";
  const hint = `Breeze refuses orders from an address that is not registered with the API key; these came from ${address}`;
  return async (method, path, body, idOf, context, expected = null) => {
    const token = await ports.tokens.current(account);
    if (token === null) return { kind: 'not-sent', why: 'no-session' };
    const left = resting.left();
    if (left > 0) return { kind: 'not-sent', why: 'rate-limit', retryAfterMs: left };
    const answer = readAnswer(await rest.command(method, path, body, token, context));
    if (answer.kind === 'dead-session') ports.tokens.died(account, token, answer.words);
    if (answer.kind === 'unproven') {
      ports.logger.warn(
        { words: answer.words },
        `an order call was answered with words that prove nothing; ${hint}`,
      );
    }
    const restMs: RestTime['begin'] = (span) => resting.begin(span);
    return commandOutcome(answer, { expected, idOf, restMs, hint });
  };
};
