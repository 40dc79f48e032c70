import { GatewayError } from '../../core/domain/errors';
import type { BrokerClient, CallContext } from '../../core/ports/broker';

/**
 * A client of which nothing works yet. A finished one never throws from a command: it returns an outcome,
 * and `not-sent` or `rejected` only where the broker's documents prove it (errors.ts).
 */
export const createTemplateClient = (): BrokerClient => {
  const missing =
    (what: string) =>
    (_input: unknown, context: CallContext): Promise<never> =>
      Promise.reject(notImplemented(what, context));
  const missingRead =
    (what: string) =>
    (context: CallContext): Promise<never> =>
      Promise.reject(notImplemented(what, context));
  return {
    session: { probe: missingRead('session.probe') },
    execution: {
      place: missing('execution.place'),
      modify: missing('execution.modify'),
      cancel: missing('execution.cancel'),
    },
    reports: {
      orders: missingRead('reports.orders'),
      fills: missingRead('reports.fills'),
      positions: missingRead('reports.positions'),
      holdings: missingRead('reports.holdings'),
      funds: missingRead('reports.funds'),
    },
    marketData: { quotes: missing('marketData.quotes'), depth: missing('marketData.depth') },
    margin: { required: missing('margin.required') },
    orderUpdates: { open: missing('orderUpdates.open') },
    close: () => Promise.resolve(),
  };
};

const notImplemented = (what: string, context: CallContext): GatewayError =>
  new GatewayError('NOT_IMPLEMENTED', `template: ${what} is not implemented`, {
    correlationId: context.correlationId,
  });
