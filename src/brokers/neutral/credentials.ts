import { z } from 'zod';

const LOOPBACK = /^(localhost|\[::1\]|127(\.\d{1,3}){3})$/;

const isLoopback = (text: string): boolean => {
  const url = URL.parse(text);
  if (url?.protocol !== 'http:') return false;
  const bare = url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  return bare && url.pathname === '/' && LOOPBACK.test(url.hostname);
};

const rateSchema = z
  .strictObject({
    name: z.string().min(1),
    scope: z.enum(['account', 'key', 'ip']),
    classes: z.array(z.enum(['order', 'query'])).min(1),
    limit: z.number().int().min(1),
    entryLimit: z.number().int().min(1),
    windowMs: z.number().int().min(1),
    resets: z.enum(['rolling', 'ist-midnight']),
    source: z.string().min(1),
  })
  .refine((rule) => rule.entryLimit <= rule.limit, {
    path: ['entryLimit'],
    message: 'is above limit',
  });

/** Where the simulator listens. Another address than loopback is refused: no real broker speaks this. */
export const credentialsSchema = z.strictObject({
  baseUrl: z.string().refine(isLoopback, 'must be http on a loopback address, without a path'),
  /** A fixed token; null takes today's token of the account. */
  token: z.string().min(1).nullable(),
  /** Replaces the module's rate rules, for benches that name their own. */
  rates: z.array(rateSchema).min(1).optional(),
});
export type NeutralCredentials = z.infer<typeof credentialsSchema>;
