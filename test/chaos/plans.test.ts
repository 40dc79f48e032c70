import { describe, expect, it } from '@jest/globals';
import { seededFraction } from '../../src/simulators/core/seeded';
import { FAMILIES, POINTS, selectCells, troubleOf } from './cells';
import { Plans } from './schedule';

const cells = selectCells(null);
const wanted = { seed: 7, broker: 'neutral', cells, action: null } as const;

describe('the plans of the chaos runs', () => {
  it('reach every crash point with every fault three times in a full run of 500', () => {
    expect(cells).toHaveLength(POINTS.length * FAMILIES.length);
    const plans = new Plans({ ...wanted, runs: 500 });
    const counts = new Map(cells.map((cell) => [cell, 0]));
    for (let plan = plans.next(); plan !== null; plan = plans.next()) {
      counts.set(plan.cell, (counts.get(plan.cell) ?? 0) + 1);
    }
    expect(Math.min(...counts.values())).toBeGreaterThanOrEqual(3);
  });

  it('come back to a cell whose point was missed', () => {
    const plans = new Plans({ ...wanted, runs: cells.length + 1 });
    const first = plans.next();
    if (first === null) throw new Error('no plan');
    plans.missed(first);
    expect(plans.next()?.cell).toBe(first.cell);
  });

  it('give each run a seed of its own and stop and kill in every cell', () => {
    const plans = new Plans({ ...wanted, runs: 4, cells: cells.slice(0, 1) });
    const all = [plans.next(), plans.next(), plans.next(), plans.next()];
    expect(new Set(all.map((plan) => plan?.seed)).size).toBe(4);
    expect(new Set(all.map((plan) => plan?.action))).toEqual(
      new Set(['kill', 'stop', 'take over']),
    );
    expect(plans.next()).toBeNull();
  });

  it('are narrowed by point, by fault and by both; a word that is no cell is refused', () => {
    expect(selectCells('after-bucket/reset')).toEqual([{ point: 'after-bucket', family: 'reset' }]);
    expect(selectCells('after-bucket')).toHaveLength(FAMILIES.length);
    expect(selectCells('/reset')).toHaveLength(POINTS.length);
    expect(() => selectCells('after-lunch/reset')).toThrow('after-lunch');
    expect(() => selectCells('/hail')).toThrow('/hail');
  });

  it('draw the same trouble from the same seed', () => {
    for (const family of FAMILIES) {
      const draw = (): unknown => troubleOf(family, seededFraction(42));
      expect(draw()).toEqual(draw());
    }
  });
});
