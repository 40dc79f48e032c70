import type { Request, RequestHandler } from 'express';
import { GatewayError, isGatewayError } from '../core/domain/errors';
import type { Served } from './dispatch';
import { authorise, pace, sendError } from './dispatch';
import { localsOf } from './request-context';

/** Where the pages of the queue board are. */
export const QUEUE_BOARD_PATH = '/api/admin/queues';

/**
 * The pages style themselves inline; nothing else is looser than for the rest, and nothing is loaded
 * from another host. There is no upgrade to https, which would break the pages on plain loopback.
 */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const BASIC = /^Basic +([A-Za-z0-9+/]{1,512}={0,2})$/i;

/** The key from X-API-KEY, or the password that a browser asked for; a key in the URL is not read. */
const secretOf = (request: Request): string => {
  const inHeader = request.get('x-api-key');
  if (inHeader !== undefined) return inHeader;
  const encoded = BASIC.exec(request.get('authorization') ?? '')?.[1];
  if (encoded === undefined) return '';
  const pair = Buffer.from(encoded, 'base64').toString('utf8');
  return pair.includes(':') ? pair.slice(pair.indexOf(':') + 1) : '';
};

/** Lets holders of an admin key look at `board`, and nobody change anything through it. */
export const queueBoardGate =
  (served: Served, board: RequestHandler): RequestHandler =>
  async (request, response, next) => {
    try {
      const key = await authorise(served, request, secretOf(request), 'admin');
      localsOf(response).keyId = key.keyId;
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        response.set('Allow', 'GET, HEAD');
        throw new GatewayError('METHOD_NOT_ALLOWED', 'The queue board is read-only.');
      }
      // One page asks for a dozen files at once; only what reads Redis is paced.
      if (request.path.startsWith('/api/')) await pace(served, key, null);
      response.set('Content-Security-Policy', PAGE_POLICY);
    } catch (error) {
      if (isGatewayError(error) && error.code === 'INVALID_API_KEY') {
        response.set('WWW-Authenticate', 'Basic realm="Toran queues", charset="UTF-8"');
      }
      sendError(response, error, 'admin', served.deps);
      return;
    }
    await board(request, response, next);
  };
