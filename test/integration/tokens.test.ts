import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { epochMs, isoDate } from '../../src/core/domain/ids';
import { startOfIstDay } from '../../src/core/domain/time';
import type { SessionRows } from '../../src/core/ports/tokens';
import { testSecretBox } from '../fakes/secret-box';
import { ACCOUNT, SessionBench } from '../support/session-bench';
import type { SessionProcess } from '../support/session-bench';
import { until } from '../support/until';

const A = 'token-A-7731';
const B = 'token-B-9902';
const KEY = `toran:session:${ACCOUNT}`;

let bench: SessionBench;
beforeEach(async () => {
  bench = await SessionBench.open();
});
afterEach(() => bench.close());

const untilToken = (one: SessionProcess, token: string | null): Promise<void> =>
  until(async () => (await one.tokens.current(ACCOUNT)) === token);
const flush = (): Promise<unknown> => bench.redis((redis) => redis.flushall());
const inRedis = (): Promise<string | null> => bench.redis((redis) => redis.get(KEY));

describe('a token', () => {
  it('is there for every process at once, without a restart, and streams are told', async () => {
    const one = await bench.process();
    const other = await bench.process();
    expect([await one.tokens.current(ACCOUNT), await other.tokens.current(ACCOUNT)]).toEqual([
      null,
      null,
    ]);
    await one.tokens.put(ACCOUNT, bench.grant(A));
    expect(await one.tokens.current(ACCOUNT)).toBe(A);
    await untilToken(other, A);
    await until(() => one.changes.length === 1 && other.changes.length === 1);
    await other.tokens.put(ACCOUNT, bench.grant(B));
    expect(await other.tokens.current(ACCOUNT)).toBe(B);
    await untilToken(one, B);
    await until(() => one.changes.length === 2 && other.changes.length === 2);
    expect(await one.tokens.session(ACCOUNT)).toEqual({
      startedAt: bench.clock.now(),
      expiresAt: bench.clock.now() + 8 * 3_600_000,
      identity: 'AB1234',
      died: null,
      unreadable: false,
    });
  });

  it('is sealed wherever it lies, and leaves Redis when it expires', async () => {
    const one = await bench.process();
    await one.tokens.put(ACCOUNT, bench.grant(A, 2));
    expect(await one.tokens.current(ACCOUNT)).toBe(A);
    one.tokens.died(ACCOUNT, A, `Invalid session ${A}`);
    await until(() => one.alarms.length === 1);
    await one.tokens.put(ACCOUNT, bench.grant(B, 2));
    const left = await bench.redis((redis) => redis.pttl(KEY));
    expect(left).toBeGreaterThan(2 * 3_600_000 - 60_000);
    expect(left).toBeLessThanOrEqual(2 * 3_600_000);
    const found = `${await bench.everything()}${one.log.join()}${JSON.stringify(one.messages)}`;
    expect(found).toContain(KEY);
    expect(found).not.toContain(A);
    expect(found).not.toContain(B);
  });

  it('is read back from the ledger after Redis lost everything, and shared again', async () => {
    const one = await bench.process();
    await one.tokens.put(ACCOUNT, bench.grant(A));
    await flush();
    expect(await inRedis()).toBeNull();
    const later = await bench.process();
    expect(await later.tokens.current(ACCOUNT)).toBe(A);
    await until(async () => (await inRedis()) !== null);
    await flush();
    await bench.clock.advance(1_000);
    await until(async () => (await inRedis()) !== null);
    expect(await one.tokens.current(ACCOUNT)).toBe(A);
    expect([one.changes, later.changes]).toEqual([[], []]);
  });

  it('is given while Redis is being restarted, and after it', async () => {
    const one = await bench.process();
    await one.tokens.put(ACCOUNT, bench.grant(A));
    const pid = bench.redisServer.pid;
    process.kill(pid, 'SIGKILL');
    await until(() => one.redis.fast.status !== 'ready');
    bench.clock.skip(10_000);
    expect(await one.tokens.current(ACCOUNT)).toBe(A);
    await one.tokens.put(ACCOUNT, bench.grant(B));
    expect(await one.tokens.current(ACCOUNT)).toBe(B);
    await until(() => bench.redisServer.pid !== pid && one.redis.fast.status === 'ready');
    const later = await bench.process();
    expect(await later.tokens.current(ACCOUNT)).toBe(B);
    await until(async () => (await inRedis()) !== null);
  });

  it('waits for no Redis that hangs', async () => {
    const one = await bench.process();
    await one.tokens.put(ACCOUNT, bench.grant(A));
    await one.tokens.current(ACCOUNT);
    process.kill(bench.redisServer.pid, 'SIGSTOP');
    try {
      bench.clock.skip(5_000);
      const startedAt = performance.now();
      expect(await one.tokens.current(ACCOUNT)).toBe(A);
      const putting = one.tokens.put(ACCOUNT, bench.grant(B));
      await untilToken(one, B);
      expect(performance.now() - startedAt).toBeLessThan(2_000);
      process.kill(bench.redisServer.pid, 'SIGCONT');
      await putting;
    } finally {
      process.kill(bench.redisServer.pid, 'SIGCONT');
    }
  });

  it('takes the place of anything else that lies under its name in Redis', async () => {
    const one = await bench.process();
    await one.tokens.put(ACCOUNT, bench.grant(A));
    await bench.redis((redis) => redis.set(KEY, 'no entry of ours'));
    bench.clock.skip(5_000);
    expect(await one.tokens.current(ACCOUNT)).toBe(A);
    await until(async () => (await inRedis())?.startsWith('{') === true);
  });

  it('costs no round trip per order while nothing changes', async () => {
    const one = await bench.process();
    await one.tokens.put(ACCOUNT, bench.grant(A));
    await one.tokens.current(ACCOUNT);
    const gets = (): Promise<string> =>
      bench.redis(
        async (redis) =>
          /cmdstat_get:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1] ?? '0',
      );
    const before = await gets();
    for (let i = 0; i < 1_000; i += 1) expect(await one.tokens.current(ACCOUNT)).toBe(A);
    expect(await gets()).toBe(before);
    await bench.clock.advance(1_000);
    await until(async () => (await gets()) !== before);
  });

  it('reaches a process that missed the message within seconds', async () => {
    const one = await bench.process();
    const deaf = await bench.process({ hears: false });
    await one.tokens.put(ACCOUNT, bench.grant(A));
    expect(await deaf.tokens.current(ACCOUNT)).toBe(A);
    await one.tokens.put(ACCOUNT, bench.grant(B));
    expect(await deaf.tokens.current(ACCOUNT)).toBe(A);
    await bench.clock.advance(1_000);
    await untilToken(deaf, B);
    await until(() => deaf.changes.length === 1);
    // Also when its timers stood still, as after a pause of the process.
    await one.tokens.put(ACCOUNT, bench.grant(A));
    bench.clock.skip(3_000);
    expect(await deaf.tokens.current(ACCOUNT)).toBe(A);
  });

  it('is the new one also for a call that began to look before it came', async () => {
    let hold: Promise<void> | null = null;
    const one = await bench.process({
      rows: (real) => ({
        read: async (account) => {
          const row = await real.read(account);
          await hold;
          return row;
        },
        save: (session) => real.save(session),
        end: (...call) => real.end(...call),
        forget: (account) => real.forget(account),
        close: () => {
          real.close();
        },
      }),
    });
    await one.tokens.put(ACCOUNT, bench.grant(A));
    let letGo = (): void => undefined;
    hold = new Promise((resolve) => {
      letGo = resolve;
    });
    const asked = one.tokens.current(ACCOUNT);
    await one.tokens.put(ACCOUNT, bench.grant(B));
    hold = null;
    letGo();
    expect(await asked).toBe(B);
    expect(await one.tokens.current(ACCOUNT)).toBe(B);
  });

  it('ends at midnight in India without a message, and the streams are told', async () => {
    const midnight = startOfIstDay(isoDate('2026-01-09'));
    const one = await bench.process();
    bench.clock.setWall(midnight - 2_500);
    await one.tokens.put(ACCOUNT, { ...bench.grant(A), expiresAt: midnight });
    expect(await one.tokens.current(ACCOUNT)).toBe(A);
    bench.clock.skip(2_499);
    expect(await one.tokens.current(ACCOUNT)).toBe(A);
    bench.clock.skip(1);
    expect(await one.tokens.current(ACCOUNT)).toBeNull();
    await bench.clock.advance(1_000);
    await until(() => one.changes.length === 1);
    expect(await (await bench.process()).tokens.current(ACCOUNT)).toBeNull();
    expect(await one.tokens.session(ACCOUNT)).toMatchObject({ expiresAt: midnight, died: null });
  });

  it('is nobody’s after it was forgotten', async () => {
    const one = await bench.process();
    const other = await bench.process();
    await one.tokens.put(ACCOUNT, bench.grant(A));
    await untilToken(other, A);
    await one.tokens.forget(ACCOUNT);
    expect(await one.tokens.current(ACCOUNT)).toBeNull();
    await untilToken(other, null);
    expect([await inRedis(), await one.rows.read(ACCOUNT)]).toEqual([null, null]);
    expect(await one.tokens.session(ACCOUNT)).toBeNull();
  });

  it('that does not open is none, said once, and a new login puts it right', async () => {
    const one = await bench.process();
    await one.tokens.put(ACCOUNT, bench.grant(A));
    const stranger = await bench.process({ box: testSecretBox(randomBytes(32)) });
    expect(await stranger.tokens.current(ACCOUNT)).toBeNull();
    expect(await stranger.tokens.session(ACCOUNT)).toMatchObject({ unreadable: true });
    await bench.clock.advance(5_000);
    const said = stranger.log.filter((line) => line.includes('does not open'));
    expect(said).toHaveLength(1);
    await stranger.tokens.put(ACCOUNT, bench.grant(B));
    expect(await stranger.tokens.current(ACCOUNT)).toBe(B);
  });

  it('is taken from Redis while the ledger cannot be read, and the last known one is kept', async () => {
    const one = await bench.process();
    await one.tokens.put(ACCOUNT, bench.grant(A));
    let locked = true;
    const rows = (real: SessionRows): SessionRows => ({
      read: (account) => (locked ? Promise.reject(new Error('locked')) : real.read(account)),
      save: (session) => real.save(session),
      end: (...call) => real.end(...call),
      forget: (account) => real.forget(account),
      close: () => {
        real.close();
      },
    });
    const other = await bench.process({ rows });
    expect(await other.tokens.current(ACCOUNT)).toBe(A);
    await flush();
    bench.clock.skip(5_000);
    expect(await other.tokens.current(ACCOUNT)).toBe(A);
    const fresh = await bench.process({ rows });
    expect(await fresh.tokens.current(ACCOUNT)).toBeNull();
    locked = false;
    bench.clock.skip(5_000);
    expect(await fresh.tokens.current(ACCOUNT)).toBe(A);
  });
});

describe('a dead token', () => {
  it('is never given again: at once here, soon elsewhere, not after a restart or a loss of Redis', async () => {
    const one = await bench.process();
    const other = await bench.process();
    await one.tokens.put(ACCOUNT, bench.grant(A));
    await untilToken(other, A);
    one.tokens.died(ACCOUNT, A, 'Invalid  Checksum\n');
    expect(await one.tokens.current(ACCOUNT)).toBeNull();
    await untilToken(other, null);

    await until(() => one.changes.length === 1 && other.changes.length === 1);
    await until(async () => (await inRedis()) === null);
    await flush();
    const later = await bench.process();
    expect(await later.tokens.current(ACCOUNT)).toBeNull();
    expect(await later.tokens.session(ACCOUNT)).toMatchObject({
      died: { at: bench.clock.now(), words: 'Invalid Checksum' },
    });
    expect(await inRedis()).toBeNull();
  });

  it('stays dead in a process that never read it before it died', async () => {
    const one = await bench.process();
    await one.tokens.put(ACCOUNT, bench.grant(A));
    const other = await bench.process();
    other.tokens.died(ACCOUNT, A, 'dead');
    expect(await other.tokens.current(ACCOUNT)).toBeNull();
    await untilToken(one, null);
  });

  it('stays dead although Redis comes back with it', async () => {
    const one = await bench.process();
    await one.tokens.put(ACCOUNT, bench.grant(A));
    const kept = (await inRedis()) ?? '';
    one.tokens.died(ACCOUNT, A, 'dead');
    await until(async () => (await inRedis()) === null);
    await bench.redis((redis) => redis.set(KEY, kept));
    const later = await bench.process();
    expect(await later.tokens.current(ACCOUNT)).toBeNull();
    await until(async () => (await inRedis()) === null);
  });

  it('raises one alarm, however many calls and processes met it', async () => {
    const one = await bench.process();
    const other = await bench.process();
    await one.tokens.put(ACCOUNT, bench.grant(A));
    await untilToken(other, A);
    for (const process of [one, other, one, other]) process.tokens.died(ACCOUNT, A, 'dead');
    await untilToken(one, null);
    await untilToken(other, null);
    await until(() => one.alarms.length + other.alarms.length > 0);
    await bench.clock.advance(3_000);
    expect([...one.alarms, ...other.alarms]).toEqual(['session-died']);
  });

  it('does not take the new one with it when its death is told late', async () => {
    const one = await bench.process();
    const deaf = await bench.process({ hears: false });
    await one.tokens.put(ACCOUNT, bench.grant(A));
    expect(await deaf.tokens.current(ACCOUNT)).toBe(A);
    await one.tokens.put(ACCOUNT, bench.grant(B));
    one.tokens.died(ACCOUNT, A, 'late, where the new one is known');
    deaf.tokens.died(ACCOUNT, A, 'late, where the old one is still held');
    expect(await one.tokens.current(ACCOUNT)).toBe(B);
    await untilToken(deaf, B);
    await bench.clock.advance(3_000);
    expect([await one.tokens.current(ACCOUNT), await deaf.tokens.current(ACCOUNT)]).toEqual([B, B]);
    expect((await one.rows.read(ACCOUNT))?.died).toBeNull();
    expect([...one.alarms, ...deaf.alarms]).toEqual([]);
  });

  it('loses every race against a new one', async () => {
    const one = await bench.process();
    const other = await bench.process();
    for (let round = 0; round < 25; round += 1) {
      const [old, fresh] = [`old-${String(round)}`, `fresh-${String(round)}`];
      await one.tokens.put(ACCOUNT, bench.grant(old));
      await untilToken(other, old);
      const putting = one.tokens.put(ACCOUNT, bench.grant(fresh));
      other.tokens.died(ACCOUNT, old, 'dead');
      one.tokens.died(ACCOUNT, old, 'dead');
      await putting;
      await untilToken(one, fresh);
      await untilToken(other, fresh);
    }
    await bench.clock.advance(3_000);
    expect(await one.tokens.current(ACCOUNT)).toBe('fresh-24');
    expect(await (await bench.process()).tokens.current(ACCOUNT)).toBe('fresh-24');
  });

  it('lives again only when a login gives the same text anew', async () => {
    const one = await bench.process();
    await one.tokens.put(ACCOUNT, bench.grant(A));
    one.tokens.died(ACCOUNT, A, 'dead');
    await until(async () => (await one.rows.read(ACCOUNT))?.died !== null);
    await one.tokens.put(ACCOUNT, bench.grant(A));
    expect(await one.tokens.current(ACCOUNT)).toBe(A);
    one.tokens.died(ACCOUNT, A, 'dead');
    expect(await one.tokens.current(ACCOUNT)).toBeNull();
  });

  it('is kept back here although its death cannot be written yet, and is written later', async () => {
    let failing = true;
    const one = await bench.process({
      rows: (real) => ({
        read: (account) => real.read(account),
        save: (session) => real.save(session),
        forget: (account) => real.forget(account),
        close: () => {
          real.close();
        },
        end: (...call) => (failing ? Promise.reject(new Error('disk')) : real.end(...call)),
      }),
    });
    await one.tokens.put(ACCOUNT, bench.grant(A));
    await one.tokens.current(ACCOUNT);
    one.tokens.died(ACCOUNT, A, 'dead');
    await bench.clock.advance(2_000);
    expect(await one.tokens.current(ACCOUNT)).toBeNull();
    expect((await one.rows.read(ACCOUNT))?.died).toBeNull();
    failing = false;
    await bench.clock.advance(1_000);
    await until(async () => (await one.rows.read(ACCOUNT))?.died !== null);
    await until(() => one.alarms.length > 0);
    expect(one.alarms).toEqual(['session-died']);
  });

  it('of an account without a session is no fault', async () => {
    const one = await bench.process();
    one.tokens.died(ACCOUNT, A, 'dead');
    await bench.clock.advance(1_000);
    expect(await one.tokens.session(ACCOUNT)).toBeNull();
    expect(epochMs(one.alarms.length)).toBe(0);
  });
});
