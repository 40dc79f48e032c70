import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import type { Queue } from 'bullmq';
import type { Express, RequestHandler } from 'express';

/**
 * Pages that show `queues` and change nothing. The queues are asked for at every page, so that an
 * account added later is there too. Whoever mounts it at `path` decides who may look.
 */
export const createQueueBoard = (
  path: string,
  queues: () => Promise<readonly Queue[]>,
): RequestHandler => {
  const adapter = new ExpressAdapter().setBasePath(path);
  const board = createBullBoard({
    queues: [],
    serverAdapter: adapter,
    options: { uiConfig: { boardTitle: 'Toran queues' } },
  });
  // Declared as any there; it is an express application.
  const pages = adapter.getRouter() as Express;
  pages.disable('x-powered-by');
  const shown = new Set<string>();
  return async (request, response, next) => {
    if (!request.path.startsWith('/static/')) {
      for (const queue of await queues()) {
        if (shown.has(queue.name)) continue;
        shown.add(queue.name);
        board.addQueue(new BullMQAdapter(queue, { readOnlyMode: true }));
      }
    }
    pages(request, response, next);
  };
};
