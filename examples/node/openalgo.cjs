// The same with the published package: `npm install openalgo` first.
//
//   TORAN_API_KEY=<your key> node examples/node/openalgo.cjs
const { randomUUID } = require('node:crypto');
const { setTimeout: pause } = require('node:timers/promises');
const OpenAlgo = require('openalgo');

const apiKey = process.env.TORAN_API_KEY;
if (!apiKey) throw new Error('Set TORAN_API_KEY to an API key of your Toran.');
const client = new OpenAlgo(apiKey, process.env.TORAN_URL ?? 'http://127.0.0.1:5000');

const sbin = { symbol: 'SBIN', exchange: 'NSE', product: 'MIS' };
// Fields that the package does not know go through as they are, so they have the names of the wire.
const once = () => ({ client_order_id: `example-npm-${randomUUID()}` });

const run = async () => {
  const placed = await client.placeOrder({ ...sbin, action: 'BUY', quantity: 1, ...once() });
  console.log(`placeOrder: ${placed.orderid}`);

  const smart = await client.placeSmartOrder({
    ...sbin,
    action: 'BUY',
    quantity: 0,
    positionSize: 3,
    ...once(),
  });
  console.log(`placeSmartOrder: ${smart.orderid ?? smart.message}`);

  // modifyOrder sends no disclosed_quantity and no trigger_price: give both, or it is always refused.
  const limit = { ...sbin, action: 'BUY', priceType: 'LIMIT', quantity: 1 };
  const waiting = await client.placeOrder({ ...limit, price: 800, ...once() });
  const both = { disclosed_quantity: '0', trigger_price: '0' };
  await client.modifyOrder({ ...limit, orderId: waiting.orderid, price: 799, ...both });
  console.log(`modifyOrder: ${waiting.orderid}`);
  await client.cancelOrder({ orderId: waiting.orderid });
  console.log(`cancelOrder: ${waiting.orderid}`);

  // The package cannot ask for the status of an order: the fills of a moment ago reach the books first.
  await pause(1_000);
  console.log(`cancelAllOrder: ${(await client.cancelAllOrder({})).message}`);
  console.log(`closePosition: ${(await client.closePosition({})).message}`);
};

run().catch((error) => {
  // The package throws on everything that is not 2xx; the answer is in the error.
  console.log(error.response?.data?.message ?? error.message);
  process.exitCode = 1;
});
