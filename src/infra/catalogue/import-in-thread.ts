import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import { GatewayError } from '../../core/domain/errors';
import type { ImportReport, ImportRequest } from './import-master';

/** What the thread answers; the report is our own and crosses as it is. */
const answerSchema = z.union([
  z.object({ report: z.custom<ImportReport>((value) => typeof value === 'object') }),
  z.object({ refused: z.string() }),
]);
export type ImportAnswer = z.input<typeof answerSchema>;

export interface ImportThreadOptions {
  /** The program of the thread. */
  readonly program: string;
  /** Folder of the instrument seed. */
  readonly seedDirectory: string;
  /** Options of Node for the thread; none unless told. */
  readonly execArgv?: readonly string[];
}

/**
 * Imports a master in a thread of its own: reading one takes seconds of work, which orders must not wait
 * for. @throws GatewayError VALIDATION with the reason of a refusal, INTERNAL when the thread died
 */
export const importInThread = (
  options: ImportThreadOptions,
  request: ImportRequest,
): Promise<ImportReport> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(options.program, {
      workerData: { request, seedDirectory: options.seedDirectory },
      ...(options.execArgv === undefined ? {} : { execArgv: [...options.execArgv] }),
    });
    const died = (cause: unknown): void => {
      reject(new GatewayError('INTERNAL', 'the import ended without an answer', { cause }));
    };
    worker.once('message', (message: unknown) => {
      const answer = answerSchema.safeParse(message);
      if (!answer.success) died(answer.error);
      else if ('report' in answer.data) resolve(answer.data.report);
      else reject(new GatewayError('VALIDATION', answer.data.refused));
    });
    worker.once('error', died);
    // After a message this changes nothing.
    worker.once('exit', died);
  });
