import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Request, RequestHandler, Response } from 'express';
import { GatewayError } from '../core/domain/errors';
import type { ReceivedCall } from '../core/ports/webhook-store';
import type { ApiKey, Scope } from '../core/sessions/api-keys-types';
import type { AccountDirectory } from './account-directory';
import { parseBody } from './body';
import type { ApiDeps } from './deps';
import { NOTHING } from './fields';
import { asGatewayError, errorAnswer } from './errors';
import { localsOf } from './request-context';
import type { RateLimiter } from './rate-limiter';
import type { Answer, ErrorFamily, JsonObject, Route } from './route';
import { parseWith } from './route';
import type { Deliveries } from './webhooks/deliveries';
import type { HookGate } from './webhooks/gate';

/** Wrong keys per second and peer address that are answered as such; a right key is never held up. */
const WRONG_KEY_RATE = 5;
const EMPTY = new Uint8Array();

/** What all routes share at run time. */
export interface Served {
  readonly deps: ApiDeps;
  readonly accounts: AccountDirectory;
  readonly callLimits: RateLimiter;
  readonly wrongKeyLimits: RateLimiter;
  readonly document: () => JsonObject;
  readonly gate: HookGate;
  readonly deliveries: Deliveries;
}

/** Whether the peer is this machine and no proxy speaks for somebody else. */
const isLocal = (request: Request): boolean => {
  const peer = request.socket.remoteAddress ?? '';
  const forwarded =
    request.headers.forwarded !== undefined || request.headers['x-forwarded-for'] !== undefined;
  return !forwarded && /^(?:::ffff:)?127\.|^::1$/.test(peer);
};

const mayDo = (key: ApiKey, scope: Scope): boolean =>
  key.scopes.includes(scope) || (scope === 'read' && key.scopes.includes('trade'));

/** The key behind `secret`, if it may do this. @throws GatewayError INVALID_API_KEY, SCOPE, KEY_RATE */
export const authorise = async (
  served: Served,
  request: Request,
  secret: string,
  scope: Scope,
): Promise<ApiKey> => {
  const key = await served.deps.keys.verify(secret);
  if (key === null) {
    const peer = request.socket.remoteAddress ?? 'unknown';
    const waitMs = served.wrongKeyLimits.take(peer, WRONG_KEY_RATE);
    throw waitMs === 0
      ? new GatewayError('INVALID_API_KEY', 'The API key is unknown or revoked.')
      : new GatewayError('KEY_RATE', 'Too many calls with a wrong key from this address.', {
          retryAfterMs: waitMs,
        });
  }
  if (!mayDo(key, scope)) throw new GatewayError('SCOPE', `This key lacks the ${scope} scope.`);
  return key;
};

/** Takes one call of the key on the account it names. @throws GatewayError KEY_RATE */
export const pace = async (served: Served, key: ApiKey, named: unknown): Promise<void> => {
  const account = await served.accounts.find(typeof named === 'string' ? named : null);
  // All names that are no account share one allowance, so that inventing names gains nothing.
  const waitMs = served.callLimits.take(
    `${key.keyId} ${account?.accountId ?? '?'}`,
    key.ratePerSecond,
  );
  if (waitMs > 0) {
    throw new GatewayError('KEY_RATE', 'This key makes more calls than it may.', {
      retryAfterMs: waitMs,
    });
  }
};

const isByQuery = ({ access }: Route): boolean =>
  access.kind === 'key' && access.carrier === 'query';

const rawOf = (request: Request): Uint8Array => {
  // express types the body as any; the raw reader sets a Buffer, or nothing when there is no body.
  const raw: unknown = request.body;
  return Buffer.isBuffer(raw) ? raw : EMPTY;
};

/** The fields that the route's body schema is for. */
const bodyOf = (route: Route, request: Request): JsonObject => {
  if (isByQuery(route)) {
    const key = request.get('x-api-key');
    return { ...(key === undefined ? {} : { apikey: key }), ...request.query };
  }
  return route.body === NOTHING ? {} : parseBody(rawOf(request));
};

/** Proves the caller, in the order: address, key, scope, rate. */
const admit = async (
  served: Served,
  route: Route,
  request: Request,
): Promise<{ readonly body: JsonObject; readonly keyId: string | null }> => {
  const { access } = route;
  if (access.kind === 'public') return { body: bodyOf(route, request), keyId: null };
  if (access.kind === 'loopback') {
    if (!isLocal(request)) throw new GatewayError('ROUTE_NOT_FOUND', 'Not found');
    return { body: {}, keyId: null };
  }
  if (access.carrier === 'header') {
    const secret = request.get('x-api-key') ?? '';
    const key = await authorise(served, request, secret, access.scope);
    await pace(served, key, null);
    return { body: bodyOf(route, request), keyId: key.keyId };
  }
  const body = bodyOf(route, request);
  const secret = body['apikey'];
  if (typeof secret !== 'string' || secret.length === 0 || secret.length > 256) {
    // Nobody is proven yet: say what is wrong with the fields, the missing key among them.
    parseWith(route.body, body);
    throw new GatewayError('INVALID_API_KEY', 'The API key is unknown or revoked.');
  }
  const key = await authorise(served, request, secret, access.scope);
  await pace(served, key, body['account']);
  return { body, keyId: key.keyId };
};

/** The pieces, one for each turn of the event loop: a long answer does not hold up an order. */
async function* paced(pieces: Iterable<string>): AsyncGenerator<string> {
  for (const piece of pieces) {
    yield piece;
    await nextTurn();
  }
}

const send = async (response: Response, answer: Answer): Promise<void> => {
  response.status(answer.status);
  if ('json' in answer) {
    response.json(answer.json);
  } else if ('text' in answer) {
    response.type(answer.contentType).send(answer.text);
  } else {
    response.type(answer.contentType);
    if (answer.fileName !== null) response.attachment(answer.fileName).type(answer.contentType);
    // A caller that leaves ends the pieces too.
    await pipeline(Readable.from(paced(answer.pieces), { highWaterMark: 1 }), response);
  }
};

/** Answers `error` in the shape of `family` and logs what the caller is not told. */
export const sendError = (
  response: Response,
  error: unknown,
  family: ErrorFamily,
  deps: Pick<ApiDeps, 'logger'>,
  asText = false,
): void => {
  const locals = localsOf(response);
  const fault = asGatewayError(error);
  const answer = errorAnswer(fault, family, locals.correlationId);
  locals.errorCode = answer.code;
  if (answer.status >= 500) {
    deps.logger.error(
      { correlationId: locals.correlationId, code: fault.code, error: fault.cause ?? fault },
      'request failed',
    );
  }
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.set(answer.headers).status(answer.status);
  if (asText) response.type('text/plain').send(plainMessage(answer.json['message']));
  else response.json(answer.json);
};

/** An error's message as one text, also where it is an object of field to messages. */
const plainMessage = (message: unknown): string =>
  typeof message === 'string' ? message : JSON.stringify(message);

/** The express handler of one table line. */
export const handlerOf =
  (route: Route, served: Served): RequestHandler =>
  async (request, response) => {
    try {
      const locals = localsOf(response);
      const { body, keyId } = await admit(served, route, request);
      locals.keyId = keyId;
      const raw = rawOf(request);
      const address = served.gate.addressOf(request);
      const isAlert = route.takesAlerts === true && served.gate.sendsAlerts(request, address);
      const received = (source: string): ReceivedCall =>
        served.deliveries.begin(response, source, raw);
      const answer = await route.run(body, request.params, {
        deps: served.deps,
        accounts: served.accounts,
        caller: {
          apiKeyId: keyId ?? '',
          correlationId: locals.correlationId,
          waitMs: isAlert ? served.deps.webhooks.waitMs : served.deps.orderWaitMs,
          ...(isAlert ? { received: received(`${route.name} ${keyId ?? ''}`) } : {}),
        },
        document: served.document,
        raw,
        gate: served.gate,
        address,
        isLocal: isLocal(request),
        received,
        header: (name) => request.get(name) ?? null,
      });
      await send(response, answer);
    } catch (error) {
      // The other side hung up in the middle of an answer: nobody is left to tell.
      if (isHangUp(error)) return;
      const asText = isByQuery(route) && route.textErrors?.({ ...request.query }) === true;
      sendError(response, error, route.family, served.deps, asText);
    }
  };

const isHangUp = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
