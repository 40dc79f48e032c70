import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { faultChancesSchema, ordinaryMisbehaviour } from './core/faults';
import { rateLimitSchema } from './core/rate-meter';
import { startNeutralSimulator } from './neutral/simulator';

const USAGE =
  'usage: main.js neutral [--port N] [--control-port N] [--token T] [--log FILE] ' +
  '[--limits JSON] [--chances FILE] [--seed N] [--keep-alive-ms N]';

const port = z.coerce.number().int().min(0).max(65_535);

/** Starts one simulator and prints one JSON line with its ports; ends on SIGTERM or SIGINT. */
const main = async (): Promise<void> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      port: { type: 'string', default: '0' },
      'control-port': { type: 'string', default: '0' },
      token: { type: 'string', default: 'simulated-token' },
      log: { type: 'string' },
      limits: { type: 'string' },
      chances: { type: 'string' },
      seed: { type: 'string' },
      'keep-alive-ms': { type: 'string', default: '5000' },
    },
  });
  if (positionals.length !== 1 || positionals[0] !== 'neutral') throw new Error(USAGE);
  const limits =
    values.limits === undefined
      ? {}
      : { limits: z.array(rateLimitSchema).parse(JSON.parse(values.limits)) };
  const simulator = await startNeutralSimulator({
    port: port.parse(values.port),
    controlPort: port.parse(values['control-port']),
    token: values.token,
    logFile: values.log ?? null,
    keepAliveMs: z.coerce.number().int().min(1).parse(values['keep-alive-ms']),
    ...limits,
  });
  const seed = values.seed === undefined ? null : z.coerce.number().int().parse(values.seed);
  if (values.chances !== undefined) {
    const planned = faultChancesSchema.parse(JSON.parse(readFileSync(values.chances, 'utf8')));
    simulator.plan.chance({ ...planned, seed: seed ?? planned.seed });
  } else if (seed !== null) simulator.plan.chance(ordinaryMisbehaviour(seed));
  const { url, controlUrl } = simulator;
  process.stdout.write(
    `${JSON.stringify({ broker: 'neutral', url, controlUrl, pid: process.pid })}\n`,
  );
  const stop = (): void => {
    void simulator.close().then(() => {
      process.exit(0);
    });
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
};

main().catch((fault: unknown) => {
  process.stderr.write(`${fault instanceof Error ? fault.message : String(fault)}\n`);
  process.exitCode = 1;
});
