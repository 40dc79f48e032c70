import { describe, expect, it } from '@jest/globals';
import { crashAt } from '../../src/infra/crash-point';

describe('the crash point of fault tests', () => {
  it.each([
    'after-lunch',
    'after-bucket:maim',
    'after-bucket:kill:0',
    'after-bucket:kill:x',
    ':kill',
  ])('refuses %s with the names that exist', (wanted) => {
    expect(() => crashAt(wanted)).toThrow(/TORAN_CRASH_POINT must be one of before-intent/);
  });

  it('does nothing at other points, nor before its turn, nor unarmed', () => {
    expect(() => {
      crashAt(null)('after-bucket');
      crashAt('after-bucket')('before-bucket');
      crashAt('after-bucket:kill:2')('after-bucket');
      crashAt('after-bucket:stop:1:armed')('after-bucket');
    }).not.toThrow();
  });
});
