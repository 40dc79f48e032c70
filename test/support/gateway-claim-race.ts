import { parentPort, workerData } from 'node:worker_threads';
import { epochMs, orderId } from '../../src/core/domain/ids';
import { SqliteLedger } from '../../src/infra/ledger/sqlite-ledger';
import { SystemClock } from '../../src/infra/system-clock';
import { SystemRandom } from '../../src/infra/system-random';

/** One of two processes that claim the same orders; run as a worker thread. */
interface Race {
  readonly path: string;
  readonly orderIds: readonly string[];
  readonly at: number;
  /** Both wait here, so that they begin together. */
  readonly gate: SharedArrayBuffer;
}

const race = async (data: Race): Promise<string[]> => {
  const ledger = new SqliteLedger(data.path, new SystemClock(), new SystemRandom());
  const gate = new Int32Array(data.gate);
  Atomics.add(gate, 0, 1);
  while (Atomics.load(gate, 0) < 2);
  const won: string[] = [];
  for (const id of data.orderIds) {
    const taken = await ledger.claim({
      orderId: orderId(id),
      n: 1,
      attempt: 1,
      at: epochMs(data.at),
      sendBy: epochMs(data.at + 2_000),
      callId: `${id}-1-1`,
      bookBefore: null,
      lotSize: 1,
      freezeQuantity: null,
    });
    if (taken !== null) won.push(id);
  }
  await ledger.close();
  return won;
};

// The test passes exactly this object.
void race(workerData as Race).then((won) => {
  parentPort?.postMessage(won);
});
