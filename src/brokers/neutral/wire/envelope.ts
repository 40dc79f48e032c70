import { z } from 'zod';

/** Every answer is one of these two. */
export const envelope = z.discriminatedUnion('status', [
  z.object({ status: z.literal('ok'), data: z.unknown() }),
  z.object({
    status: z.literal('error'),
    code: z.string().min(1),
    message: z.string(),
    retry_after_ms: z.number().int().min(0).optional(),
  }),
]);
export type Envelope = z.infer<typeof envelope>;

/** Data of a command's answer. */
export const commandData = z.object({ order_id: z.string().min(1) });
