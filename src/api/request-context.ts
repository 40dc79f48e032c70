import type { RequestHandler, Response } from 'express';
import { GatewayError } from '../core/domain/errors';
import type { Clock, Random } from '../core/ports/clock';
import type { Logger } from '../core/ports/logger';
import { errorAnswer } from './errors';
import { familyOf } from './families';

const ACCEPTED_ID = /^[A-Za-z0-9-]{8,64}$/;
/** Anything that could be a key of ours, wherever a caller put it. */
const KEY_LIKE = /[0-9a-f]{32,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;
const LOGGED_PATH = 120;

interface Locals {
  correlationId: string;
  keyId: string | null;
  errorCode: string | null;
}

/** What the request's middlewares tell each other. */
export const localsOf = (response: Response): Locals =>
  // express types locals as any; the first middleware sets exactly these.
  response.locals as unknown as Locals;

/** Gives the request its correlation id: the caller's when it is a plain word, else a new one. */
export const correlation =
  (random: Random): RequestHandler =>
  (request, response, next) => {
    const given = request.get('x-request-id');
    const correlationId =
      given !== undefined && ACCEPTED_ID.test(given)
        ? given
        : Buffer.from(random.bytes(12)).toString('hex');
    Object.assign(response.locals, { correlationId, keyId: null, errorCode: null });
    response.set('X-Request-Id', correlationId);
    response.set('Cache-Control', 'no-store');
    next();
  };

/** `path` without what may be a key or the secret part of a webhook's URL, and not longer than a line takes. */
export const shownPath = (path: string): string =>
  path.replace(KEY_LIKE, '[hidden]').slice(0, LOGGED_PATH);

/** One line per request, also when its caller left before the answer; no body, no query, no header, no key. */
export const requestLog =
  (logger: Logger, clock: Clock): RequestHandler =>
  (request, response, next) => {
    const startedAt = clock.monotonic();
    const path = shownPath(request.path);
    const write = (cutShort: boolean): void => {
      const { correlationId, keyId, errorCode } = localsOf(response);
      logger.info(
        {
          correlationId,
          method: request.method,
          path,
          status: response.statusCode,
          durationMs: Math.round((clock.monotonic() - startedAt) * 10) / 10,
          keyId,
          errorCode,
          ...(cutShort ? { cutShort } : {}),
        },
        'request',
      );
    };
    response.on('finish', () => {
      write(false);
    });
    // The caller went away before the answer: whatever the call began goes on.
    response.on('close', () => {
      if (!response.writableFinished) write(true);
    });
    next();
  };

/** The host name of a Host header without its port, lower case. */
const hostName = (header: string): string =>
  header
    .toLowerCase()
    .replace(/:\d{1,5}$/, '')
    .replace(/\.$/, '');

/** Refuses names that are not ours, so that a web page cannot reach the gateway by a name it rebinds. */
export const hostGuard = (allowedHosts: readonly string[]): RequestHandler => {
  const allowed = new Set(allowedHosts.map((host) => host.toLowerCase()));
  return (request, response, next) => {
    const host = request.headers.host;
    if (host !== undefined && allowed.has(hostName(host))) {
      next();
      return;
    }
    const answer = errorAnswer(
      new GatewayError('HOST_NOT_ALLOWED', 'This host name is not on the allow-list.'),
      familyOf(request.path),
      localsOf(response).correlationId,
    );
    localsOf(response).errorCode = answer.code;
    response.status(answer.status).json(answer.json);
  };
};
