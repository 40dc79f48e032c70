import { describe, expect, it } from '@jest/globals';
import { accountId } from '../../src/core/domain/ids';
import { createLogger } from '../../src/infra/pino-logger';
import { PromMetrics } from '../../src/infra/prom-metrics';
import { describeStartupFault, StartupError } from '../../src/infra/startup-error';
import { SystemClock } from '../../src/infra/system-clock';
import { SystemRandom } from '../../src/infra/system-random';
import { FakeClock } from '../fakes/fake-clock';
import { SeededRandom } from '../fakes/seeded-random';

describe('the system clock', () => {
  const clock = new SystemClock();

  it('ends a sleep early, without an error, when its signal aborts', async () => {
    const abort = new AbortController();
    const sleep = clock.sleep(60_000, abort.signal);
    abort.abort();
    await expect(sleep).resolves.toBeUndefined();
    await expect(clock.sleep(60_000, AbortSignal.abort())).resolves.toBeUndefined();
  });

  it('runs a task after its delay and not when cancelled', async () => {
    const seen: string[] = [];
    clock.after(1, () => seen.push('cancelled'))();
    await new Promise<void>((resolve) => clock.after(5, resolve));
    expect(seen).toEqual([]);
  });

  it('does not fire at once for a delay that setTimeout cannot keep', async () => {
    let fired = false;
    const cancel = clock.after(2 ** 31 + 5_000, () => (fired = true));
    await clock.sleep(20);
    cancel();
    expect(fired).toBe(false);
    expect(() => clock.after(Number.NaN, () => undefined)).toThrow(RangeError);
    expect(() => clock.every(0, () => undefined)).toThrow(RangeError);
  });
});

describe('the fake clock', () => {
  it('runs timers in the order in which they fall due and lets promises settle between', async () => {
    const clock = new FakeClock(1_000);
    const seen: string[] = [];
    const note = (text: string): void => void seen.push(`${text}@${clock.now()}`);
    clock.after(20, () => {
      note('b');
    });
    clock.after(10, () => {
      note('a');
      clock.after(5, () => {
        note('a2');
      });
    });
    const cancel = clock.every(15, () => {
      note('e');
    });
    void clock.sleep(12).then(async () => {
      note('s');
      await clock.sleep(1);
      note('s2');
    });
    await clock.advance(30);
    cancel();
    await clock.advance(100);
    expect(seen).toEqual(['a@1010', 's@1012', 's2@1013', 'e@1015', 'a2@1015', 'b@1020', 'e@1030']);
    expect([clock.monotonic(), clock.pending]).toEqual([130, 0]);
  });

  it('can jump the wall clock without its timers noticing', async () => {
    const clock = new FakeClock(1_000);
    let ran = false;
    clock.after(10, () => (ran = true));
    clock.setWall(500_000);
    await clock.advance(9);
    expect([ran, clock.now()]).toEqual([false, 500_009]);
  });
});

describe('randomness', () => {
  it('of the system gives the length asked for and stays below its bound', () => {
    const random = new SystemRandom();
    expect(random.bytes(16)).toHaveLength(16);
    expect(random.integer(1)).toBe(0);
    expect(Buffer.from(random.bytes(16)).equals(random.bytes(16))).toBe(false);
  });

  it('of a seed repeats, differs by seed and stays below its bound', () => {
    const draw = (seed: number): number[] => {
      const random = new SeededRandom(seed);
      return Array.from({ length: 200 }, () => random.integer(6));
    };
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
    expect([...new Set(draw(7))].sort()).toEqual([0, 1, 2, 3, 4, 5]);
  });
});

describe('the log', () => {
  const written = (
    write: (logger: ReturnType<typeof createLogger>) => void,
    pretty = false,
  ): string => {
    const lines: string[] = [];
    write(createLogger({ level: 'info', pretty, sink: { write: (line) => lines.push(line) } }));
    return lines.join('');
  };

  it('hides secrets by name at any depth, in any spelling, in children and in errors', () => {
    const secret = 'S3CR3T-value';
    const cyclic: Record<string, unknown> = { apikey: secret };
    cyclic['self'] = cyclic;
    const error = new Error(`login failed: password=${secret}&x=1`, {
      cause: Object.assign(new Error('inner'), { access_token: secret }),
    });
    const text = written((logger) => {
      logger.child({ api_key: secret, nested: { Authorization: secret } }).error(
        {
          error,
          cyclic,
          list: [{ 'X-API-KEY': secret }, new Map([['totp', secret]])],
          body: `{"user":"u","api_secret":"${secret}"}`,
          url: `redis://:${secret}@127.0.0.1:1`,
          header: `Bearer ${secret}`,
          jwtToken: secret,
          bytes: Buffer.from(secret),
        },
        `key ${'ab'.repeat(32)} and token: ${secret}`,
      );
    });
    expect(text).not.toContain(secret);
    expect(text).not.toContain('ab'.repeat(32));
    expect(text).toContain('"user\\":\\"u');
    expect(text).toContain('&x=1');
  });

  it('keeps what is no secret, instrument tokens among it', () => {
    const line = written((logger) => {
      logger.info({ orderid: '260108000000001', instrument_token: 738561, size: 5n }, 'sent');
    });
    expect(JSON.parse(line)).toMatchObject({
      orderid: '260108000000001',
      instrument_token: 738561,
      size: '5',
      msg: 'sent',
    });
  });

  it('writes nothing below its level and lines for a person when asked', () => {
    const line = written((logger) => {
      logger.debug({}, 'quiet');
      logger.warn({ account: 'paper-main' }, 'loud');
    }, true);
    expect(line).toMatch(/^\S+ WARN {2}loud account="paper-main"\n$/);
  });
});

describe('the metrics', () => {
  it('come out in the Prometheus text format under their documented names', async () => {
    const metrics = new PromMetrics();
    const [a, b] = [accountId('paper-a'), accountId('paper-b')];
    metrics.orderMoved(a, 'filled');
    metrics.commandSettled(a, 'place', 'accepted');
    metrics.stage(a, 'broker', 0.003);
    metrics.inDoubt(a, 2, 12);
    metrics.inDoubt(b, 1, 5);
    metrics.bucketFill(a, 'per-second', 0.5);
    metrics.brokerCall(a, 'order', 'ok');
    metrics.alarm(a, 'in-doubt');
    const text = await metrics.text();
    for (const line of [
      'toran_orders_total{account="paper-a",state="filled"} 1',
      'toran_commands_total{account="paper-a",kind="place",outcome="accepted"} 1',
      'toran_stage_seconds_count{account="paper-a",stage="broker"} 1',
      'toran_orders_in_doubt{account="paper-a"} 2',
      'toran_in_doubt_oldest_seconds 12',
      'toran_bucket_fill_ratio{account="paper-a",rule="per-second"} 0.5',
      'toran_broker_calls_total{account="paper-a",class="order",result="ok"} 1',
      'toran_alarms_total{account="paper-a",name="in-doubt"} 1',
    ]) {
      expect(text.split('\n')).toContain(line);
    }
    expect(text).toContain('nodejs_eventloop_lag_seconds');
    expect(metrics.contentType).toMatch(/^text\/plain/);
    metrics.inDoubt(a, 0, 0);
    expect(await metrics.text()).toContain('toran_in_doubt_oldest_seconds 5\n');
  });
});

describe('a fault of start-up', () => {
  const system = (code: string, extra: object = {}): Error =>
    Object.assign(new Error(`${code}: raw`), { code, ...extra });

  it.each([
    [system('EADDRINUSE', { port: 5000 }), /^Port 5000 is already in use: .*TORAN_PORT/],
    [system('EACCES', { port: 80 }), /^Port 80 may not be opened .* above 1023/],
    [system('EACCES', { path: '/data/x' }), /^No permission for \/data\/x: .*TORAN_DATA/],
    [system('EROFS', { path: '/data' }), /^\/data is on a read-only disk: .*TORAN_DATA/],
    [system('ENOSPC'), /^No space is left for the data folder/],
    [
      system('ECONNREFUSED', { address: '127.0.0.1', port: 6379 }),
      /127\.0\.0\.1:6379: start Redis/,
    ],
    [new StartupError('Do this.'), /^Do this\.$/],
    [new Error('outer', { cause: system('EROFS', { path: '/d' }) }), /^\/d is on a read-only disk/],
    [new Error('odd\n    at stack (file.js:1)'), /^Toran could not start: odd$/],
    ['text', /^Toran could not start: text$/],
  ])('becomes one sentence (%#)', (fault, sentence) => {
    const text = describeStartupFault(fault);
    expect(text).toMatch(sentence);
    expect(text).not.toContain('\n');
  });
});
