import type { Command } from '../domain/command';
import type { Bus } from '../ports/bus';
import type { Logger } from '../ports/logger';
import type { Metrics } from '../ports/metrics';

/** Tells who waits that a command expired unsent; for a cancel or an exit that is an alarm. */
export const tellExpired = (
  deps: { readonly bus: Bus; readonly logger: Logger; readonly metrics: Metrics },
  command: Command,
): void => {
  const { accountId, orderId, n } = command;
  deps.bus.publish({ kind: 'command', accountId, orderId, n });
  if (command.lane !== 'urgent') return;
  deps.metrics.alarm(accountId, 'exit-expired');
  const text = `${command.kind} of order ${orderId} was not sent before its deadline`;
  deps.logger.error({ account: accountId, orderId }, text);
  deps.bus.publish({ kind: 'alarm', accountId, name: 'exit-expired', text });
};
