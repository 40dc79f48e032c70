import type { Answered } from './calls';

/** Milliseconds that `call` took. @throws Error unless it was answered 200 */
export const timed = async (call: () => Promise<Answered>): Promise<number> => {
  const begun = performance.now();
  const { status, json } = await call();
  const ms = performance.now() - begun;
  if (status !== 200) throw new Error(`an order was answered ${status} ${JSON.stringify(json)}`);
  return ms;
};
