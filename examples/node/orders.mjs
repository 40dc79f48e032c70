// Places an order, watches it, brings a position to a size, sends a basket and closes everything.
// Nothing but Node 20 or later is needed:
//
//   TORAN_API_KEY=<your key> node examples/node/orders.mjs
import { randomUUID } from 'node:crypto';

const base = process.env.TORAN_URL ?? 'http://127.0.0.1:5000';
const apikey = process.env.TORAN_API_KEY;
if (!apikey) throw new Error('Set TORAN_API_KEY to an API key of your Toran.');

const strategy = 'example-node';
const sbin = { exchange: 'NSE', symbol: 'SBIN', product: 'MIS' };
const infy = { exchange: 'NSE', symbol: 'INFY', product: 'MIS' };
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** One call. Success is exactly 200; everything else says in `message` what is wrong. */
const call = async (name, fields = {}) => {
  const response = await fetch(`${base}/api/v1/${name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ apikey, strategy, ...fields }),
    signal: AbortSignal.timeout(30_000),
  });
  const answer = await response.json();
  if (response.status === 200) return answer;
  const text = typeof answer.message === 'string' ? answer.message : JSON.stringify(answer.message);
  throw Object.assign(new Error(`${name}: ${text}`), { status: response.status });
};

/**
 * An order call that may be repeated when no answer came: the id makes the same call the same order.
 * Without such an id, never send an order again because you heard nothing.
 */
const send = async (name, fields) => {
  const order = { ...fields, client_order_id: `${strategy}-${randomUUID()}` };
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call(name, order);
    } catch (error) {
      const refused = error.status >= 400 && error.status < 500 && error.status !== 429;
      if (refused || attempt === 4) throw error;
      await pause(1_000 * attempt);
    }
  }
};

/** Waits until the order has ended; an open limit order may stay open for hours. */
const finished = async ({ orderid, in_doubt: inDoubt }) => {
  if (inDoubt) console.log(`${orderid} was sent and is not confirmed: wait, do not send it again.`);
  for (let look = 0; look < 50; look += 1) {
    const { data } = await call('orderstatus', { orderid });
    if (['complete', 'rejected', 'cancelled'].includes(data.order_status)) return data;
    await pause(200);
  }
  throw new Error(`${orderid} is still open`);
};

const placed = await send('placeorder', {
  ...sbin,
  action: 'BUY',
  quantity: 1,
  pricetype: 'MARKET',
});
const bought = await finished(placed);
console.log(`placeorder: ${placed.orderid} ${bought.order_status} at ${bought.average_price}`);

// A target, not an order: what is there already counts. action and quantity matter only when flat stays flat.
const smart = await send('placesmartorder', {
  ...sbin,
  action: 'BUY',
  quantity: 0,
  position_size: 3,
  pricetype: 'MARKET',
});
if (smart.orderid) await finished(smart);
const { quantity } = await call('openposition', sbin);
console.log(`placesmartorder: the position is ${quantity}`);

// All legs are accepted or none; here the SELL leg waits for the BUY leg.
const basket = await send('basketorder', {
  sells_after_buys: true,
  orders: [
    { ...infy, action: 'BUY', quantity: 1, pricetype: 'MARKET' },
    { ...sbin, action: 'SELL', quantity: 1, pricetype: 'MARKET' },
  ],
});
for (const leg of basket.results) {
  const { order_status: status } = await finished(leg);
  console.log(`basketorder: ${leg.symbol} ${status}`);
}

const closed = await send('closeposition', {});
console.log(`closeposition: ${closed.message}`);
