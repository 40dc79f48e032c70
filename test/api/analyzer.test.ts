import { beforeEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { setLive } from '../../src/api/admin/live';
import { analyzer, toggleAnalyzer } from '../../src/api/openalgo/analyzer';
import type { TestApi } from './fakes';
import { order, startApi } from './fakes';

let api: TestApi;
beforeEach(async () => {
  api = await startApi();
});

const toggle = (mode: unknown, changes: Record<string, unknown> = {}) =>
  request(api.app)
    .post('/api/v1/analyzer/toggle')
    .send({ apikey: api.keys.trade, mode, ...changes });

describe('analyzer', () => {
  it('says whether it is on', async () => {
    const ask = () => request(api.app).post('/api/v1/analyzer').send({ apikey: api.keys.read });
    const off = await ask();
    expect(off.body).toEqual({
      status: 'success',
      data: { mode: 'live', analyze_mode: false, total_logs: 12 },
    });
    expect(analyzer.answer?.parse(off.body)).toEqual(off.body);
    api.practice.on = true;
    expect((await ask()).body).toMatchObject({ data: { mode: 'analyze', analyze_mode: true } });
  });

  it.each([
    [true, true],
    [1, true],
    ['true', true],
    ['ON', true],
    ['1', true],
    ['Yes', true],
    [false, false],
    [0, false],
    ['off', false],
    ['False', false],
    ['0', false],
  ])('is turned by %p', async (mode, on) => {
    api.practice.open = { practice: 2, live: 3 };
    const answer = await toggle(mode);
    expect(answer.status).toBe(200);
    expect(api.practice.calls).toEqual([[on, expect.stringMatching(/^key /)]]);
    expect(answer.body).toMatchObject({
      data: {
        analyze_mode: on,
        open_practice_orders: 2,
        open_live_orders: 3,
        message: on
          ? 'Analyzer mode switched to analyze; 3 open live orders stay live'
          : 'Analyzer mode switched to live; 2 open practice orders stay practice',
      },
    });
    expect(toggleAnalyzer.answer?.parse(answer.body)).toEqual(answer.body);
  });

  it.each([
    ['mode', 'analyze', {}],
    ['mode', 2, {}],
    ['mode', null, {}],
    ['mode', undefined, {}],
    ['mode', [true], {}],
    ['account', true, { account: 'paper-main' }],
  ])('refuses a bad %s %p and turns nothing', async (field, mode, changes) => {
    const answer = await toggle(mode, changes);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ status: 'error', field });
    expect(api.practice.calls).toEqual([]);
  });

  it('is not turned by a key that only reads', async () => {
    expect((await toggle(true, { apikey: api.keys.read })).status).toBe(403);
    expect(api.practice.calls).toEqual([]);
  });
});

describe('the live switch of an account', () => {
  const send = (id: string, body: object, key = api.keys.admin) =>
    request(api.app).post(`/api/admin/accounts/${id}/live`).set('X-API-KEY', key).send(body);

  it('is set with the label of the account', async () => {
    const answer = await send('paper-main', { live: true, confirm: 'Practice' });
    expect(answer.status).toBe(200);
    expect(setLive.answer?.parse(answer.body)).toEqual(answer.body);
    expect(answer.body).toMatchObject({ account: 'paper-main', live: true, analyze_mode: false });
    expect(api.practice.calls).toMatchObject([['paper-main', true, expect.any(String)]]);
  });

  it('goes off without a confirmation', async () => {
    expect((await send('paper-main', { live: false })).status).toBe(200);
    expect(api.practice.calls).toMatchObject([['paper-main', false, expect.any(String)]]);
  });

  it.each([
    ['confirm', { live: true }],
    ['confirm', { live: true, confirm: 'practice' }],
    ['live', { live: 'true', confirm: 'Practice' }],
    ['live', { confirm: 'Practice' }],
    ['until', { live: false, until: 'noon' }],
  ])('is not set with a bad %s: %j', async (field, body) => {
    const answer = await send('paper-main', body);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ field });
    expect(api.practice.calls).toEqual([]);
  });

  it('needs an admin key and an account', async () => {
    expect((await send('paper-main', { live: false }, api.keys.trade)).status).toBe(403);
    expect((await send('nobody', { live: false })).status).toBe(422);
    expect(api.practice.calls).toEqual([]);
  });
});

describe('practice', () => {
  it.each(['orderbook', 'tradebook', 'positionbook', 'holdings', 'funds'])(
    'is marked in %s',
    async (name) => {
      const ask = () => request(api.app).post(`/api/v1/${name}`).send({ apikey: api.keys.read });
      expect((await ask()).body).not.toHaveProperty('mode');
      api.practice.on = true;
      expect((await ask()).body).toMatchObject({ mode: 'analyze', account: 'paper-main' });
    },
  );

  it('is marked by the order itself in what is answered about it, refusals too', async () => {
    const status = { apikey: api.keys.trade, strategy: 's', orderid: '260108000000041' };
    const ask = (name: string) => request(api.app).post(`/api/v1/${name}`).send(status);
    api.practice.on = true;
    expect((await ask('orderstatus')).body).not.toHaveProperty('mode');
    expect((await ask('cancelorder')).body).not.toHaveProperty('mode');
    api.practice.on = false;
    const practised = order({ practice: true, state: 'rejected', reason: 'No margin' });
    api.orders.found = practised;
    api.orders.answer = () => ({ order: practised, command: null, replayed: false });
    expect((await ask('orderstatus')).body).toMatchObject({ mode: 'analyze' });
    const refused = await request(api.app)
      .post('/api/v1/placeorder')
      .send({
        apikey: api.keys.trade,
        ...{ strategy: 's', symbol: 'SBIN', exchange: 'NSE', action: 'BUY', quantity: 1 },
      });
    expect(refused.status).toBe(400);
    expect(refused.body).toMatchObject({ status: 'error', mode: 'analyze' });
  });
});
