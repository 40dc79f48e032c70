import { z } from 'zod';
import { GatewayError } from '../../core/domain/errors';
import type { AccountId } from '../../core/domain/ids';
import type {
  BrokerClient,
  BrokerPorts,
  CallContext,
  Capabilities,
  CommandOutcome,
  ExecutionClient,
  FillReport,
  OrderReport,
  ReportSource,
} from '../../core/ports/broker';
import type { HttpResult } from '../../core/ports/http';
import { RowMemory } from '../../core/reports/row-memory';
import type { NeutralCredentials } from './credentials';
import { commandOutcome, queryData, rowData } from './errors';
import { fillReport, funds, holdingReport, orderReport, positionReport } from './from-wire';
import { neutralMarketData } from './market-data';
import { NeutralRest } from './rest-client';
import { UpdateStream } from './stream-client';
import { modifyBody, placeBody } from './to-wire';
import { neutralFunds, neutralHolding, neutralPosition, neutralSession } from './wire/account';
import { neutralOrder, neutralTrade } from './wire/orders';

const NO_SESSION: CommandOutcome = { kind: 'not-sent', why: 'no-session' };
type Path = Parameters<NeutralRest['get']>[0];

/** One account at the neutral broker: domain in, domain out. */
export const createNeutralClient = (
  account: AccountId,
  credentials: NeutralCredentials,
  ports: BrokerPorts,
  capabilities: Capabilities,
): BrokerClient => {
  const baseUrl = credentials.baseUrl.replace(/\/$/, '');
  const rest = new NeutralRest({
    baseUrl,
    http: ports.http,
    clock: ports.clock,
    commandTimeoutMs: capabilities.commandTimeoutMs,
  });
  const token = (): Promise<string | null> =>
    credentials.token === null ? ports.tokens.current(account) : Promise.resolve(credentials.token);

  const command = async (
    expected: string | null,
    call: (token: string) => Promise<HttpResult>,
  ): Promise<CommandOutcome> => {
    const today = await token();
    return today === null ? NO_SESSION : commandOutcome(await call(today), expected);
  };
  const execution: ExecutionClient = {
    place: (order, context) =>
      command(null, (today) => rest.place(placeBody(order.terms, order.clientTag), today, context)),
    modify: (order, context) =>
      command(order.brokerOrderId, (today) =>
        rest.modify(order.brokerOrderId, modifyBody(order.change), today, context),
      ),
    cancel: (order, context) =>
      command(order.brokerOrderId, (today) => rest.cancel(order.brokerOrderId, today, context)),
  };

  const query = async <T>(path: Path, schema: z.ZodType<T>, context: CallContext): Promise<T> => {
    const { correlationId } = context;
    const today = await token();
    if (today === null) {
      throw new GatewayError('NO_SESSION', `GET ${path}: no live session`, { correlationId });
    }
    const result = await ports.pacer.query(context, (paced) => rest.get(path, today, paced));
    return queryData(result, schema, `GET ${path}`, correlationId);
  };
  const rows = (path: Path, context: CallContext): Promise<unknown[]> =>
    query(path, z.array(z.unknown()), context);
  const orderRows = new RowMemory<OrderReport>();
  const tradeRows = new RowMemory<FillReport>();
  const reports: ReportSource = {
    orders: async (context) =>
      orderRows.read(await rows('/orders', context), (row, index) =>
        orderReport(rowData(row, index, neutralOrder, 'GET /orders', context.correlationId)),
      ),
    fills: async (context) =>
      tradeRows.read(await rows('/trades', context), (row, index) =>
        fillReport(rowData(row, index, neutralTrade, 'GET /trades', context.correlationId)),
      ),
    positions: async (context) =>
      (await query('/positions', z.array(neutralPosition), context)).map(positionReport),
    holdings: async (context) =>
      (await query('/holdings', z.array(neutralHolding), context)).map(holdingReport),
    funds: async (context) => funds(await query('/funds', neutralFunds, context)),
  };

  const streams = new Set<UpdateStream>();
  return {
    ...(credentials.rates === undefined ? {} : { rateRules: credentials.rates }),
    execution,
    reports,
    marketData: neutralMarketData(query),
    session: {
      probe: async (context) => {
        try {
          await query('/session', neutralSession, context);
          return 'live';
        } catch (fault) {
          const code = fault instanceof GatewayError ? fault.code : null;
          if (code === 'SESSION_EXPIRED' || code === 'NO_SESSION') return 'expired';
          throw fault;
        }
      },
    },
    orderUpdates: {
      open: async (onHint, context) => {
        const stream = new UpdateStream(
          {
            url: `${baseUrl.replace(/^http/, 'ws')}/updates`,
            socket: ports.socket,
            clock: ports.clock,
            random: ports.random,
            logger: ports.logger,
            token,
          },
          onHint,
        );
        if (!(await stream.start(context))) {
          throw new GatewayError('NO_SESSION', 'the update stream needs a live session', {
            correlationId: context.correlationId,
          });
        }
        streams.add(stream);
        return stream;
      },
    },
    close: async () => {
      await Promise.all([...streams].map((stream) => stream.close()));
    },
  };
};
