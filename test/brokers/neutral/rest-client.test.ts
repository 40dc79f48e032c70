import { describe, expect, it } from '@jest/globals';
import { NeutralRest } from '../../../src/brokers/neutral/rest-client';
import { placeBody, modifyBody } from '../../../src/brokers/neutral/to-wire';
import { clientTag, epochMs, monotonicMs } from '../../../src/core/domain/ids';
import type { CallContext } from '../../../src/core/ports/broker';
import type { HttpRequest } from '../../../src/core/ports/http';
import { FakeClock } from '../../fakes/fake-clock';
import { restingTerms } from '../../contract/harnesses/neutral';

describe('requests to the neutral broker', () => {
  const clock = new FakeClock();
  const seen: HttpRequest[] = [];
  const rest = new NeutralRest({
    baseUrl: 'http://127.0.0.1:1',
    clock,
    commandTimeoutMs: 2_000,
    http: {
      request: (request) => {
        seen.push(request);
        return Promise.resolve({ kind: 'response', status: 200, headers: {}, body: Buffer.of() });
      },
    },
  });
  const context = (leftMs: number): CallContext => ({
    signal: new AbortController().signal,
    deadlineAt: epochMs(clock.now() + leftMs),
    sendBy: monotonicMs(77),
    correlationId: 'corr',
  });
  const last = (): HttpRequest => {
    const request = seen.at(-1);
    if (request === undefined) throw new Error('nothing was sent');
    return request;
  };

  it('send every command on a fresh connection, not after sendBy, with the command time-out', async () => {
    const body = placeBody(restingTerms(), clientTag('t'));
    const calls = [
      rest.place(body, 'token', context(60_000)),
      rest.modify('N1', modifyBody(restingTerms()), 'token', context(60_000)),
      rest.cancel('N1', 'token', context(60_000)),
    ];
    await Promise.all(calls);
    expect(seen).toMatchObject(
      [
        ['POST', '/orders'],
        ['PUT', '/orders/N1'],
        ['DELETE', '/orders/N1'],
      ].map(([method, path]) => ({
        method,
        url: `http://127.0.0.1:1${path ?? ''}`,
        freshConnection: true,
        sendBy: 77,
        timeoutMs: 2_000,
        headers: { authorization: 'Bearer token', 'x-correlation-id': 'corr' },
      })),
    );
  });

  it('wait no longer than until the deadline', async () => {
    await rest.cancel('N1', 'token', context(300));
    expect(last().timeoutMs).toBe(300);
  });

  it('are not made past the deadline', async () => {
    const before = seen.length;
    const result = await rest.cancel('N1', 'token', context(0));
    expect(result).toMatchObject({ kind: 'failure', stage: 'connect', why: 'too-late' });
    expect(seen).toHaveLength(before);
  });

  it('keep an id from the book inside its path', async () => {
    await rest.cancel('../session?x', 'token', context(300));
    expect(last().url).toBe('http://127.0.0.1:1/orders/..%2Fsession%3Fx');
  });
});
