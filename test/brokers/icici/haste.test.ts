import { describe, expect, it } from '@jest/globals';
import { iciciModule, withIciciHaste } from '../../../src/brokers/icici';
import { RestTime } from '../../../src/brokers/icici/rest-time';
import { neutralModule } from '../../../src/brokers/neutral';
import { FakeClock } from '../../fakes/fake-clock';

describe('Breeze in haste, for fault tests', () => {
  it('shortens its times and minutes, and leaves what is counted in a second and a day', () => {
    const { capabilities, rateRules } = withIciciHaste(iciciModule, 40);
    expect(capabilities).toEqual({
      ...iciciModule.capabilities,
      commandTimeoutMs: 500,
      bookPace: { soonMs: 75, pollMs: 500, idleMs: 3_000, positionsMs: 750 },
    });
    const windows = rateRules.map(({ name, windowMs }) => [name, windowMs]);
    expect(Object.fromEntries(windows)).toEqual({
      'orders-second': 1_000,
      'calls-minute': 1_500,
      'queries-minute': 1_500,
      'calls-day': 86_400_000,
      'queries-day': 86_400_000,
    });
    const limits = (rules: typeof rateRules): unknown =>
      rules.map(({ limit, entryLimit }) => [limit, entryLimit]);
    expect(limits(rateRules)).toEqual(limits(iciciModule.rateRules));
  });

  it('shortens the rest after too many calls, up to its longest', async () => {
    const clock = new FakeClock();
    const rest = new RestTime(clock, 40);
    const lengths: number[] = [];
    while (lengths.length < 5) {
      lengths.push(rest.begin('minute'));
      await clock.advance(lengths.at(-1) ?? 0);
    }
    expect(lengths).toEqual([1_500, 3_000, 6_000, 12_000, 12_000]);
  });

  it('leaves other brokers as they are', () => {
    expect(withIciciHaste(neutralModule, 40)).toBe(neutralModule);
  });
});
