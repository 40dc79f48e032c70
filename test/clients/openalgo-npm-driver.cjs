/* Calls the published npm client: one line of JSON in, one line with the outcome out. */
const { createInterface } = require('node:readline');
const OpenAlgo = require('openalgo');

const client = new OpenAlgo(process.env.TORAN_API_KEY, process.env.TORAN_URL);

const outcome = async ({ method, fields }) => {
  try {
    return { returned: await client[method](fields) };
  } catch (error) {
    // The client throws on every answer that is not 2xx, with that answer in the error.
    const { response } = error;
    return response === undefined
      ? { thrown: { status: null, body: String(error.message) } }
      : { thrown: { status: response.status, body: response.data } };
  }
};

const serve = async () => {
  for await (const line of createInterface({ input: process.stdin })) {
    process.stdout.write(`${JSON.stringify(await outcome(JSON.parse(line)))}\n`);
  }
};

void serve();
