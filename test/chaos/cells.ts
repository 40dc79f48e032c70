import { CRASH_POINTS } from '../../src/core/orders/dispatcher';
import type { Fault, FaultRule } from '../../src/simulators/core/faults';

/** Where a process is ended or stopped; `random` is any instant. */
export const POINTS = [...CRASH_POINTS, 'random'] as const;
export type Point = (typeof POINTS)[number];

/** What else goes wrong in the same run; each family has several forms, drawn by the seed. */
export const FAMILIES = [
  'none',
  'reset',
  'silence',
  'odd answer',
  'not applied',
  'refused',
  'slow',
  'token death',
  'bad reads',
  'updates',
  'redis',
] as const;
export type Family = (typeof FAMILIES)[number];

export interface Cell {
  readonly point: Point;
  readonly family: Family;
}
export const cellName = (cell: Cell): string => `${cell.point}/${cell.family}`;

const CELLS: readonly Cell[] = FAMILIES.flatMap((family) =>
  POINTS.map((point) => ({ point, family })),
);

/** The cells that `only` names: `point/family`, `point/` or `/family`; several with commas. @throws Error for none */
export const selectCells = (only: string | null): readonly Cell[] => {
  if (only === null) return CELLS;
  const chosen = only.split(',').flatMap((word) => {
    const [point = '', family = ''] = word.split('/');
    const found = CELLS.filter(
      (cell) => (point === '' || cell.point === point) && (family === '' || cell.family === family),
    );
    if (found.length === 0 || word.trim() === '') {
      throw new Error(
        `--only: no cell ${word}; points ${POINTS.join(', ')}; faults ${FAMILIES.join(', ')}`,
      );
    }
    return found;
  });
  return [...new Set(chosen)];
};

/** What a run adds to its cell, drawn from its seed. */
export interface Trouble {
  /** For the simulator's script. */
  readonly rules: readonly FaultRule[];
  /** The books stay empty until the absence of an order could first be concluded. */
  readonly booksLag: boolean;
  readonly renewToken: boolean;
  readonly redis: 'kill' | 'flush' | 'away' | null;
  readonly skewMs: number;
  readonly partialFills: boolean;
  /** In a person's words, for the report. */
  readonly text: string;
}

const QUIET: Omit<Trouble, 'text'> = {
  rules: [],
  booksLag: false,
  renewToken: false,
  redis: null,
  skewMs: 0,
  partialFills: false,
};

export type Draw = () => number;
/** One of `list`. */
export const pick = <T>(draw: Draw, list: readonly T[]): T => {
  const one = list[Math.floor(draw() * list.length)];
  if (one === undefined) throw new Error('nothing to choose from');
  return one;
};

const RESETS: readonly Fault[] = (['before', 'during', 'after', 'body'] as const).map((when) => ({
  kind: 'reset',
  when,
}));
const SILENCES: readonly Fault[] = [
  { kind: 'answer-lost' },
  { kind: 'truncated' },
  { kind: 'hang', effectAfterMs: 50 },
  { kind: 'hang', effectAfterMs: 700 },
  { kind: 'hang', effectAfterMs: null },
];
const ODD: readonly Fault[] = [
  { kind: 'refused-but-done' },
  { kind: 'html', status: 502, applied: true },
  { kind: 'html', status: 502, applied: false },
  { kind: 'error-in-200', applied: true },
  { kind: 'error-in-200', applied: false },
  { kind: 'undocumented-429', applied: true },
  { kind: 'undocumented-429', applied: false },
];
const REFUSALS: readonly Fault[] = [
  { kind: 'throttle', retryAfterMs: 300 },
  { kind: 'refuse', code: 'RISK_REJECTED', message: 'risk limit' },
  { kind: 'reject-later', message: 'refused by the exchange' },
];
const SLOW: readonly Fault[] = [
  { kind: 'slow', delayMs: 200, effect: 'before' },
  { kind: 'slow', delayMs: 900, effect: 'before' },
  { kind: 'slow', delayMs: 200, effect: 'after' },
  { kind: 'slow', delayMs: 900, effect: 'after' },
  { kind: 'close-idle', delayMs: 20 },
];
const UPDATES = ['drop', 'duplicate', 'reorder', 'late', 'before-answer', 'stale-partial'] as const;
const COMMANDS = ['place', 'place', 'place', 'modify', 'cancel'] as const;

const rule = (operation: string, fault: Fault, times: number | null = 1): FaultRule => ({
  match: { operation },
  fault,
  times,
});

const onCommands = (draw: Draw, faults: readonly Fault[]): Trouble => {
  const fault = pick(draw, faults);
  const operation = fault.kind === 'reject-later' ? 'place' : pick(draw, COMMANDS);
  const times = pick(draw, [1, 1, 2]);
  const text = `${operation} ${JSON.stringify(fault)} x${String(times)}`;
  return { ...QUIET, rules: [rule(operation, fault, times)], text };
};

/** One form of `family`. */
export const troubleOf = (family: Family, draw: Draw): Trouble => {
  switch (family) {
    case 'none':
      return { ...QUIET, text: 'nothing else' };
    case 'reset':
      return onCommands(draw, RESETS);
    case 'silence':
      return onCommands(draw, SILENCES);
    case 'odd answer':
      return onCommands(draw, ODD);
    case 'not applied': {
      const operation = pick(draw, ['modify', 'cancel']);
      return {
        ...QUIET,
        rules: [rule(operation, { kind: 'ok-but-not-done' })],
        text: `${operation} answered 200 and not applied`,
      };
    }
    case 'refused':
      return onCommands(draw, REFUSALS);
    case 'slow':
      return onCommands(draw, SLOW);
    case 'token death': {
      const operation = pick(draw, ['place', 'modify', 'cancel', 'orders']);
      const rules = [rule(operation, { kind: 'token-death' })];
      return { ...QUIET, rules, renewToken: true, text: `the token dies on ${operation}` };
    }
    case 'bad reads':
      return badReads(draw);
    case 'updates':
      return {
        ...QUIET,
        rules: [rule('update', { kind: 'update', how: pick(draw, UPDATES), delayMs: 150 }, 4)],
        skewMs: pick(draw, [0, 90_000, -90_000]),
        partialFills: true,
        text: 'updates misbehave, fills come in parts, the clock is off',
      };
    case 'redis': {
      const redis = pick(draw, ['kill', 'flush', 'away'] as const);
      return { ...QUIET, redis, text: `redis: ${redis}` };
    }
  }
};

/** An order whose answer was lost, and books that do not show it yet. */
const badReads = (draw: Draw): Trouble => {
  const lost = rule('place', { kind: 'answer-lost' });
  const how = pick(draw, ['lag', 'lag', 'stale', 'unknown word'] as const);
  const text = `the answer is lost and the books are bad: ${how}`;
  if (how === 'lag') {
    const empty = ['orders', 'trades'].map((name) => rule(name, { kind: 'empty-read' }, null));
    return { ...QUIET, rules: [lost, ...empty], booksLag: true, text };
  }
  const fault: Fault = { kind: how === 'stale' ? 'stale-read' : 'unknown-word' };
  return { ...QUIET, rules: [lost, rule('orders', fault, 2)], text };
};
