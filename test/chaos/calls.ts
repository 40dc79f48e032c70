import { setTimeout as pause } from 'node:timers/promises';

export interface Answer {
  readonly status: number;
  readonly json: Readonly<Record<string, unknown>>;
}

const object = (text: string): Record<string, unknown> => {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) throw new Error(`not an object: ${text}`);
  return value as Record<string, unknown>; // an object that is not null
};

/** One call; null when no whole answer came. A caller that is too fast waits and calls again. */
export const call = async (
  url: string,
  body: object | null,
  options: {
    readonly key?: string;
    readonly contentType?: string;
    readonly limitMs?: number;
    readonly method?: 'PUT';
  } = {},
): Promise<Answer | null> => {
  for (;;) {
    try {
      const response = await fetch(url, {
        method: options.method ?? (body === null ? 'GET' : 'POST'),
        headers: {
          ...(options.key === undefined ? {} : { 'x-api-key': options.key }),
          ...(body === null ? {} : { 'content-type': options.contentType ?? 'application/json' }),
        },
        signal: AbortSignal.timeout(options.limitMs ?? 8_000),
        ...(body === null ? {} : { body: JSON.stringify(body) }),
      });
      const answer = { status: response.status, json: object(await response.text()) };
      if (answer.status !== 429) return answer;
    } catch {
      return null;
    }
    await pause(100);
  }
};

/** The same for calls that have to work. @throws Error otherwise */
export const must = async (
  url: string,
  body: object | null,
  options: Parameters<typeof call>[2] = {},
): Promise<Answer['json']> => {
  const answer = await call(url, body, options);
  if (answer?.status !== 200) throw new Error(`${url}: ${JSON.stringify(answer)}`);
  return answer.json;
};
