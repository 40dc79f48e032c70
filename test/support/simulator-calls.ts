import type { NeutralPlace } from '../../src/simulators/neutral/wire';
import type { NeutralSimulator } from '../../src/simulators/neutral/simulator';

/** A resting order in the neutral broker's words. */
export const wireOrder = (changes: Partial<NeutralPlace> = {}): NeutralPlace => ({
  tag: 'tag-1',
  exchange: 'NSE',
  symbol: 'SBIN',
  side: 'buy',
  type: 'limit',
  product: 'intraday',
  validity: 'day',
  quantity: 10,
  disclosed_quantity: 0,
  price: '90',
  trigger_price: null,
  ...changes,
});

/** What a call to the simulator gave: the status and JSON body, or `broken` when no whole answer came. */
export type Answer =
  | { readonly status: number; readonly text: string; readonly json: unknown }
  | { readonly broken: string };

/** One call as a client without any care makes it. */
export const call = async (
  simulator: Pick<NeutralSimulator, 'url' | 'token'>,
  method: string,
  path: string,
  body: unknown = null,
  timeoutMs = 5_000,
): Promise<Answer> => {
  try {
    const response = await fetch(`${simulator.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${simulator.token}`,
        'content-type': 'application/json',
      },
      signal: AbortSignal.timeout(timeoutMs),
      ...(body === null ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, text, json: parsed(text) };
  } catch (fault) {
    return { broken: String(fault) };
  }
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};
