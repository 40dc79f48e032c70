import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { iciciEndpoints as iciciEndpointsSchema } from '../../src/brokers/icici/credentials';
import { loadConfig, VARIABLE_NAMES } from '../../src/config';

const faultOf = (env: Record<string, string>): string => {
  try {
    loadConfig(env);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('the settings were accepted');
};

describe('the settings', () => {
  it('are complete without any variable', () => {
    expect(loadConfig({})).toEqual({
      host: '127.0.0.1',
      port: 5000,
      dataDirectory: path.resolve('data'),
      redisUrl: null,
      allowedHosts: ['localhost', '127.0.0.1', '[::1]'],
      log: { level: 'info', pretty: false },
      roles: ['api', 'worker', 'login'],
      masterKey: { kind: 'file' },
      orderWaitMs: 10_000,
      webhookWaitMs: 2_500,
      trustedProxies: [],
      sendByMs: 2_000,
      orderDeadlineMs: 30_000,
      exitDeadlineMs: 120_000,
      market: { kind: 'simulated', seed: 1 },
      paperCash: '10000000',
      paper: { charges: true, squareOff: true, entryWindow: false },
      iciciEndpoints: {},
      iciciHaste: null,
      neutralUrl: null,
      neutralTimeoutMs: null,
      neutralRates: null,
      outgoingAddress: null,
      masters: { time: '08:05', urls: { icici: null } },
      metrics: { host: '127.0.0.1', port: null },
      crashPoint: null,
    });
  });

  it('take what the variables say', () => {
    const config = loadConfig({
      TORAN_PORT: '0',
      TORAN_ALLOWED_HOSTS: 'Toran.Example.net, [fd00::1]',
      TORAN_ROLES: 'worker',
      TORAN_LOG_PRETTY: 'yes',
      TORAN_MARKET: 'replay',
      TORAN_REPLAY_FILES: 'a.csv, folder',
      TORAN_REPLAY_SPEED: '0.5',
      TORAN_REPLAY_START: '2026-01-08T09:15:00+05:30',
      TORAN_METRICS_PORT: '9100',
      REDIS_URL: 'redis://:word@127.0.0.1:6379/1',
      TORAN_NEUTRAL_URL: 'http://127.0.0.1:7001',
      TORAN_CRASH_POINT: 'before-send',
      TORAN_ICICI_API_URL: 'http://127.0.0.1:7700/breezeapi/api/v1',
      TORAN_ICICI_FEEDS_URL: 'https://feeds.example.net',
    });
    expect(config).toMatchObject({
      port: 0,
      allowedHosts: ['localhost', '127.0.0.1', '[::1]', 'toran.example.net', '[fd00::1]'],
      roles: ['worker'],
      log: { pretty: true },
      market: {
        kind: 'replay',
        files: ['a.csv', 'folder'],
        speed: 0.5,
        startAt: Date.UTC(2026, 0, 8, 3, 45),
      },
      metrics: { port: 9100 },
      redisUrl: 'redis://:word@127.0.0.1:6379/1',
      crashPoint: 'before-send',
      iciciEndpoints: {
        api: 'http://127.0.0.1:7700/breezeapi/api/v1',
        feeds: 'https://feeds.example.net',
      },
    });
  });

  it('name the addresses of Breeze as its adapter takes them', () => {
    const names = ['API', 'HISTORY', 'LOGIN', 'FEEDS'];
    const env = names.map((name) => [`TORAN_ICICI_${name}_URL`, 'https://moved.example.net/x']);
    const { iciciEndpoints } = loadConfig(Object.fromEntries(env) as Record<string, string>); // pairs of texts
    const moved = iciciEndpointsSchema.parse(iciciEndpoints);
    expect(new Set(Object.values(moved))).toEqual(new Set(['https://moved.example.net/x']));
  });

  it('hurry Breeze on this machine only', () => {
    const hurried = { TORAN_ICICI_HASTE: '40' };
    const local = { ...hurried, TORAN_ICICI_API_URL: 'http://127.0.0.1:7700/breezeapi/api/v1/' };
    expect(loadConfig(local).iciciHaste).toBe(40);
    const far = { ...hurried, TORAN_ICICI_API_URL: 'https://api.example.net/v1' };
    for (const env of [hurried, far]) {
      expect(faultOf(env)).toMatch(/^The variable TORAN_ICICI_HASTE is for tests only/);
    }
  });

  it('count an empty variable as absent', () => {
    expect(loadConfig({ TORAN_PORT: '', REDIS_URL: '' })).toEqual(loadConfig({}));
  });

  it('fetch masters from where they are told, never over the open net without TLS', () => {
    const local = 'http://127.0.0.1:7700/SecurityMaster.zip';
    const config = loadConfig({ TORAN_ICICI_MASTER_URL: local, TORAN_MASTER_TIME: '07:45' });
    expect(config.masters).toEqual({ time: '07:45', urls: { icici: local } });
    expect(faultOf({ TORAN_ICICI_MASTER_URL: 'http://example.net/x.zip' })).toMatch(/https/);
    expect(faultOf({ TORAN_ICICI_MASTER_URL: 'x.zip' })).toMatch(/^The variable TORAN_ICICI_MA/);
    expect(faultOf({ TORAN_MASTER_TIME: '24:00' })).toMatch(/TORAN_MASTER_TIME must be a time/);
  });

  it('cannot be changed', () => {
    const config = loadConfig({});
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config.log)).toBe(true);
    expect(Object.isFrozen(config.allowedHosts)).toBe(true);
  });

  it.each([
    ['TORAN_PORT', '5000a', /whole number from 0 to 65535/],
    ['TORAN_PORT', '70000', /from 0 to 65535/],
    ['TORAN_PORT', '-1', /whole number/],
    ['TORAN_HOST', 'http://x', /address or a host name/],
    ['TORAN_ALLOWED_HOSTS', 'a.example:5000', /without a port/],
    ['TORAN_LOG_LEVEL', 'loud', /one of debug, info/],
    ['TORAN_LOG_PRETTY', 'maybe', /yes or no/],
    ['TORAN_ROLES', 'api,boss', /one or more of api, worker, login/],
    ['TORAN_ROLES', ',', /at least one role/],
    ['TORAN_MASTER_KEY', 'c2hvcnQ=', /32 bytes in base64 or hex/],
    ['TORAN_MASTER_PASSPHRASE', 'too short', /at least 12 characters/],
    ['TORAN_SEND_BY_MS', '0', /from 50 to 60000/],
    ['TORAN_ORDER_DEADLINE_MS', '1e9', /whole number/],
    ['TORAN_MARKET', 'real', /simulated or replay/],
    ['TORAN_REPLAY_SPEED', '0', /above 0/],
    ['TORAN_REPLAY_START', 'yesterday', /a time such as/],
    ['TORAN_PAPER_CASH', '-5', /rupees/],
    ['TORAN_PAPER_CHARGES', 'maybe', /yes or no/],
    ['TORAN_PAPER_ENTRY_HOURS', 'never', /exchange or always/],
    ['REDIS_URL', 'localhost:6379', /an address such as redis:/],
    ['TORAN_NEUTRAL_URL', 'http://broker.example', /on this machine/],
    ['TORAN_NEUTRAL_URL', 'simulator', /on this machine/],
    ['TORAN_ICICI_API_URL', 'http://broker.example', /https/],
    ['TORAN_ICICI_FEEDS_URL', 'broker.example', /https/],
    ['TORAN_CRASH_POINT', 'before-send', /needs TORAN_NEUTRAL_URL/],
  ])('refuse %s=%s in one sentence that names the variable', (name, text, why) => {
    const fault = faultOf({ [name]: text });
    expect(fault).toMatch(new RegExp(`^The variable ${name} [^\\n]+$`));
    expect(fault).toMatch(why);
  });

  it('refuse a replay without files and a send limit above the deadline', () => {
    expect(faultOf({ TORAN_MARKET: 'replay' })).toMatch(/^The variable TORAN_REPLAY_FILES /);
    expect(faultOf({ TORAN_SEND_BY_MS: '5000', TORAN_ORDER_DEADLINE_MS: '4000' })).toMatch(
      /^The variable TORAN_SEND_BY_MS must not be longer/,
    );
  });

  it('refuse an unknown variable of ours and name the nearest known one', () => {
    expect(faultOf({ TORAN_PROT: '5000' })).toBe(
      'There is no variable TORAN_PROT: did you mean TORAN_PORT?',
    );
    expect(faultOf({ TORAN_ORDER_WAIT: '1' })).toMatch(/did you mean TORAN_ORDER_WAIT_MS/);
    expect(() => loadConfig({ OTHER_PROT: '1', TORAN_TEST_DATA: '/data' })).not.toThrow();
  });

  it('do not mind what a person set for the examples in the same shell', () => {
    const client = { TORAN_URL: 'http://127.0.0.1:5000', TORAN_API_KEY: 'k' };
    expect(() => loadConfig(client)).not.toThrow();
  });

  it('never repeat a refused address, which may hold a password, nor a refused master key', () => {
    expect(faultOf({ REDIS_URL: 'http://:word@host' })).not.toContain('word');
    expect(faultOf({ TORAN_MASTER_KEY: 'not-a-key' })).not.toContain('not-a-key');
    expect(faultOf({ TORAN_MASTER_PASSPHRASE: 'tiny' })).not.toContain('tiny');
  });

  it('take a master key in hex or base64, or a passphrase, but not both', () => {
    const hex = '0f'.repeat(32);
    const base64 = Buffer.alloc(32, 7).toString('base64');
    expect(loadConfig({ TORAN_MASTER_KEY: hex }).masterKey).toEqual({ kind: 'key', text: hex });
    expect(loadConfig({ TORAN_MASTER_KEY: base64 }).masterKey).toMatchObject({ text: base64 });
    const passphrase = 'correct horse battery';
    expect(loadConfig({ TORAN_MASTER_PASSPHRASE: passphrase }).masterKey).toEqual({
      kind: 'passphrase',
      text: passphrase,
    });
    expect(faultOf({ TORAN_MASTER_KEY: hex, TORAN_MASTER_PASSPHRASE: passphrase })).toMatch(
      /^The variable TORAN_MASTER_PASSPHRASE must not be set together with TORAN_MASTER_KEY/,
    );
  });
});

describe('.env.example', () => {
  const text = readFileSync(path.join(__dirname, '../../.env.example'), 'utf8');
  const entries = [...text.matchAll(/^(#?)([A-Z_]+)=(.*)$/gm)].map((match) => ({
    active: match[1] === '',
    name: match[2] ?? '',
    value: match[3] ?? '',
  }));

  it('holds every variable exactly once and no other', () => {
    expect(entries.map((entry) => entry.name).sort()).toEqual([...VARIABLE_NAMES].sort());
  });

  it('shows the values that hold anyway', () => {
    const active = entries.filter((entry) => entry.active);
    const env = Object.fromEntries(active.map((entry) => [entry.name, entry.value]));
    expect(loadConfig(env)).toEqual(loadConfig({}));
  });
});
