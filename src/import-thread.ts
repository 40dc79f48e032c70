import { parentPort, workerData } from 'node:worker_threads';
import type { ImportAnswer } from './infra/catalogue/import-in-thread';
import { importMaster } from './infra/catalogue/import-master';
import type { ImportRequest } from './infra/catalogue/import-master';
import { readSeed, seedFreezeLimits } from './infra/seed-catalogue';
import { masterKinds } from './master-kinds';

/** The program of the thread in which a downloaded master is imported. */
const run = async (): Promise<void> => {
  // Given by importInThread, the only one that starts this.
  const { request, seedDirectory } = workerData as {
    readonly request: ImportRequest;
    readonly seedDirectory: string;
  };
  const kinds = masterKinds(seedFreezeLimits(readSeed(seedDirectory)));
  const answer = await importMaster(request, kinds).then(
    (report): ImportAnswer => ({ report }),
    (error: unknown): ImportAnswer => ({
      refused: error instanceof Error ? error.message : String(error),
    }),
  );
  parentPort?.postMessage(answer);
};

void run();
