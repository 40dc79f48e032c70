import type { Command } from '../domain/command';
import { isSettled } from '../domain/command';
import { GatewayError } from '../domain/errors';
import type { OrderId } from '../domain/ids';
import type { Order } from '../domain/order';
import type { Bus } from '../ports/bus';
import type { Clock } from '../ports/clock';
import type { Ledger } from '../ports/ledger';
import type { Logger } from '../ports/logger';
import type { CommandPointer, CommandQueue, Lane } from '../ports/queue';
import type { CommandAnswer } from './service-types';

export interface AwaitDeps {
  readonly ledger: Ledger;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly queue: Pick<CommandQueue, 'add'>;
  readonly logger: Logger;
}

/** Puts recorded commands into their lane; without Redis they stay on disk until the sweeper finds it back. */
export const enqueue = async (
  deps: AwaitDeps,
  lane: Lane,
  commands: readonly CommandPointer[],
): Promise<void> => {
  if (commands.length === 0) return;
  try {
    await deps.queue.add(lane, commands);
  } catch (error) {
    deps.logger.warn(
      { orderId: commands[0]?.orderId, reason: String(error) },
      'queued on disk only',
    );
  }
};

/**
 * The order and command once the broker answered, or as they are when `waitMs` is over. Never throws
 * for an intent that is on disk: a caller that hears a fault sends again.
 */
export const awaitOutcome = async (
  deps: AwaitDeps,
  order: Order,
  command: Command,
  waitMs: number,
): Promise<CommandAnswer> => {
  try {
    return await waitFor(deps, order.orderId, command.n, waitMs);
  } catch (error) {
    deps.logger.error(
      { orderId: order.orderId, reason: String(error) },
      'outcome not readable now',
    );
    return { order, command, replayed: false };
  }
};

const waitFor = async (
  deps: AwaitDeps,
  id: OrderId,
  n: number,
  waitMs: number,
): Promise<CommandAnswer> => {
  const read = async (): Promise<CommandAnswer> => {
    const order = await deps.ledger.order(id);
    const command = (await deps.ledger.commandsOf(id)).find((candidate) => candidate.n === n);
    if (order === null || command === undefined) {
      throw new GatewayError('INTERNAL', `order ${id} is missing from the ledger`);
    }
    return { order, command, replayed: false };
  };
  if (waitMs === 0) return read();
  let news = true;
  let timeUp = false;
  let wake = (): void => undefined;
  const unsubscribe = deps.bus.subscribe((message) => {
    if ((message.kind !== 'order' && message.kind !== 'command') || message.orderId !== id) return;
    news = true;
    wake();
  });
  const cancelTimer = deps.clock.after(waitMs, () => {
    timeUp = true;
    wake();
  });
  try {
    for (;;) {
      news = false;
      const answer = await read();
      if (answer.command !== null && isSettled(answer.command.state)) return answer;
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      // Something may have happened while the ledger was read; the compiler cannot see the listener.
      if (news as boolean) continue;
      if (!(timeUp as boolean)) await woken;
      if (timeUp as boolean) return await read();
    }
  } finally {
    unsubscribe();
    cancelTimer();
  }
};
