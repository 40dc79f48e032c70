import type { z } from 'zod';
import type { CallContext } from '../../core/ports/broker';

/**
 * One signed and paced call, its `Success` part parsed by `schema`; null where Breeze says that there is
 * nothing. @throws GatewayError
 */
export type IciciQuery = <T>(
  method: 'GET' | 'POST',
  path: string,
  body: object,
  schema: z.ZodType<T>,
  context: CallContext,
) => Promise<T>;
