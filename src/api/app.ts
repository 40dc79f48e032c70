import express from 'express';
import type { ErrorRequestHandler, Express, RequestHandler } from 'express';
import helmet from 'helmet';
import { GatewayError } from '../core/domain/errors';
import { AccountDirectory } from './account-directory';
import { MAX_BODY_BYTES } from './body';
import type { ApiDeps } from './deps';
import type { Served } from './dispatch';
import { handlerOf, sendError } from './dispatch';
import { familyOf } from './families';
import { openApiDocument } from './openapi';
import { QUEUE_BOARD_PATH, queueBoardGate } from './queue-board';
import { RateLimiter } from './rate-limiter';
import { correlation, hostGuard, requestLog, shownPath } from './request-context';
import type { JsonObject } from './route';
import { ROUTES } from './routes';
import { Deliveries } from './webhooks/deliveries';
import { HookGate } from './webhooks/gate';

/** The contract's clients double a slash now and then, and do not follow a redirect. */
const singleSlashes: RequestHandler = (request, _response, next) => {
  const [path = '', ...query] = request.url.split('?');
  request.url = [path.replace(/\/{2,}/g, '/'), ...query].join('?');
  next();
};

/** Answers for paths of the table with another method, then for everything else. */
const addFallbacks = (app: Express, deps: ApiDeps): void => {
  const methodsOf = new Map<string, string[]>();
  for (const route of ROUTES) {
    const known = methodsOf.get(route.path) ?? [];
    methodsOf.set(route.path, [...known, route.method.toUpperCase()]);
  }
  for (const [path, methods] of methodsOf) {
    app.all(path, (request, response, next) => {
      response.set('Allow', methods.join(', '));
      if (request.method === 'OPTIONS') {
        response.status(200).end();
      } else if (request.method === 'HEAD') {
        next();
      } else {
        const error = new GatewayError(
          'METHOD_NOT_ALLOWED',
          'The method is not allowed for the requested URL.',
        );
        sendError(response, error, familyOf(request.path), deps);
      }
    });
  }
  app.use((request, response) => {
    response
      .status(404)
      .json({ status: 'error', message: 'Not found', path: shownPath(request.path) });
  });
};

/**
 * The whole HTTP API, not yet listening. Binding, time-outs and header limits belong to whoever listens.
 */
export const createApp = (deps: ApiDeps): Express => {
  let document: JsonObject | null = null;
  const served: Served = {
    deps,
    accounts: new AccountDirectory(deps, deps.clock),
    callLimits: new RateLimiter(deps.clock),
    wrongKeyLimits: new RateLimiter(deps.clock),
    document: () => (document ??= openApiDocument()),
    gate: new HookGate(deps.webhooks, deps.clock),
    deliveries: new Deliveries(deps.webhooks, deps),
  };
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('case sensitive routing', true);
  app.set('trust proxy', false);
  // The simple parser cannot be made to build objects.
  app.set('query parser', 'simple');
  app.use(correlation(deps.random));
  app.use(requestLog(deps.logger, deps.clock));
  app.use(hostGuard(deps.allowedHosts));
  app.use(helmet());
  app.use(singleSlashes);
  // Pages, not calls: the one path beside the table.
  if (deps.queueBoard !== null) {
    app.use(QUEUE_BOARD_PATH, queueBoardGate(served, deps.queueBoard));
  }
  app.use(express.raw({ type: () => true, limit: MAX_BODY_BYTES, inflate: false }));
  for (const route of ROUTES) app[route.method](route.path, handlerOf(route, served));
  addFallbacks(app, deps);
  const last: ErrorRequestHandler = (error: unknown, request, response, next) => {
    if (response.headersSent) next(error);
    else sendError(response, error, familyOf(request.path), deps);
  };
  app.use(last);
  return app;
};
