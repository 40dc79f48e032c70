import { z } from 'zod';
import type { ControlRoutes } from './control-server';
import type { EventLog } from './event-log';
import type { FaultPlan } from './faults';
import { faultChancesSchema, faultRuleSchema } from './faults';
import type { FaultServer } from './fault-server';

const faultsBody = z.strictObject({
  /** Forget what was planned before. */
  clear: z.boolean().optional(),
  script: z.array(faultRuleSchema).optional(),
  chances: faultChancesSchema.optional(),
});
const seqSchema = z.coerce.number().int().min(0);

/** What every simulator's control port can do: plan faults, show the log, break and refuse connections. */
export const commonControls = (parts: {
  readonly plan: FaultPlan;
  readonly log: EventLog;
  readonly server: FaultServer;
}): ControlRoutes => ({
  'POST /_sim/faults': (body) => {
    const wanted = faultsBody.parse(body);
    if (wanted.clear === true) parts.plan.clear();
    parts.plan.add(wanted.script ?? []);
    if (wanted.chances !== undefined) parts.plan.chance(wanted.chances);
  },
  'GET /_sim/log': (_body, query) => parts.log.since(seqSchema.parse(query.get('since') ?? 0)),
  'POST /_sim/sockets': () => {
    parts.server.resetSockets();
  },
  'POST /_sim/listen': async (body) => {
    const { listening } = z.strictObject({ listening: z.boolean() }).parse(body);
    await parts.server.setListening(listening);
  },
});
