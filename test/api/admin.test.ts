import { beforeEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { ROUTES } from '../../src/api/routes';
import { GatewayError } from '../../src/core/domain/errors';
import type { TestApi } from './fakes';
import { startApi } from './fakes';

let api: TestApi;
beforeEach(async () => {
  api = await startApi();
});

const call = async (method: 'get' | 'post' | 'delete', path: string, body?: object) =>
  request(api.app)[method](`/api/admin/${path}`).set('X-API-KEY', api.keys.admin).send(body);

describe('accounts', () => {
  it('adds a second account beside the default one, and audits it', async () => {
    const added = await call('post', 'accounts', {
      broker: 'paper',
      login: 'Second Book',
      label: 'Two',
    });
    expect(added.status).toBe(200);
    expect(added.body).toMatchObject({
      account: { account: 'paper-second-book', is_default: false, simulated: true },
    });
    const listed = await call('get', 'accounts');
    const schema = ROUTES.find((route) => route.name === 'listAccounts')?.answer;
    expect(schema?.parse(listed.body)).toEqual(listed.body);
    expect(api.accounts).toHaveLength(2);
    expect(api.audited.map((entry) => entry.action)).toEqual(['account.add']);
  });

  it.each([
    [409, { broker: 'paper', login: 'main', label: 'Other' }],
    [409, { broker: 'paper', login: 'two', label: 'Practice' }],
    [409, { broker: 'paper', login: 'two', label: 'paper-main' }],
    [400, { broker: 'unknown', login: 'two', label: 'Two' }],
    [400, { broker: 'paper', login: '***', label: 'Two' }],
    [400, { broker: 'paper', login: 'two', label: 'Two', default: true }],
  ])('answers %i to %j and adds nothing', async (status, body) => {
    const answer = await call('post', 'accounts', body);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ status: 'error' });
    expect(api.accounts).toHaveLength(1);
  });

  it('stops with a reason, starts, and makes default', async () => {
    expect((await call('post', 'accounts/paper-main/stop', {})).status).toBe(400);
    expect(api.accounts[0]?.stoppedReason).toBeNull();
    await call('post', 'accounts/paper-main/stop', { reason: 'holiday' });
    expect(api.accounts[0]?.stoppedReason).toBe('holiday');
    await call('post', 'accounts/paper-main/start');
    expect(api.accounts[0]?.stoppedReason).toBeNull();
    expect(api.cleared).toEqual(['paper-main']);
    await call('post', 'accounts/paper-main/start');
    expect(api.cleared).toHaveLength(1);
    await call('post', 'accounts', { broker: 'paper', login: 'two', label: 'Two' });
    await call('post', 'accounts/paper-two/default');
    expect(api.accounts.map((entry) => entry.isDefault)).toEqual([false, true]);
    const ping = await request(api.app).post('/api/v1/ping').send({ apikey: api.keys.read });
    expect(ping.body).toMatchObject({ account: 'paper-two' });
  });

  it('names an account that is not there', async () => {
    const answer = await call('post', 'accounts/nobody/start');
    expect(answer.status).toBe(422);
    expect(answer.body).toMatchObject({ code: 'ACCOUNT_UNKNOWN' });
    expect(api.audited).toEqual([]);
  });

  it('resets a practice account and refuses another with its own words', async () => {
    expect((await call('post', 'accounts/paper-main/reset')).status).toBe(200);
    expect(api.audited.map((entry) => entry.action)).toEqual(['account.reset']);
    api = await startApi({
      resetPractice: () =>
        Promise.reject(new GatewayError('UNSUPPORTED', 'Not a practice account')),
    });
    expect((await call('post', 'accounts/paper-main/reset')).status).toBe(501);
    expect(api.audited).toEqual([]);
  });
});

describe('keys', () => {
  it('shows a new key once; it works until it is revoked', async () => {
    const made = await call('post', 'keys', { label: 'bot', scopes: ['read'] });
    const { apikey, key } = made.body as { apikey: string; key: { key_id: string } };
    expect(apikey).toMatch(/^[0-9a-f]{64}$/);
    const listed = await call('get', 'keys');
    expect(listed.text).not.toContain(apikey);
    const schema = ROUTES.find((route) => route.name === 'listKeys')?.answer;
    expect(schema?.parse(listed.body)).toEqual(listed.body);
    expect(JSON.stringify(api.audited)).not.toContain(apikey);
    const ping = () => request(api.app).post('/api/v1/ping').send({ apikey });
    expect((await ping()).status).toBe(200);
    expect((await call('delete', `keys/${key.key_id}`)).status).toBe(200);
    expect((await ping()).status).toBe(403);
    const again = await call('delete', `keys/${key.key_id}`);
    expect(again.status).toBe(404);
    expect(again.body).toMatchObject({ code: 'KEY_NOT_FOUND' });
  });

  it.each([
    { label: 'x', scopes: [] },
    { label: 'x', scopes: ['root'] },
    { label: 'x', scopes: ['read', 'read'] },
    { label: 'x', scopes: ['read'], rate_per_second: 0 },
    { label: '', scopes: ['read'] },
  ])('refuses %j', async (body) => {
    expect((await call('post', 'keys', body)).status).toBe(400);
    expect(await api.apiKeys.list()).toHaveLength(3);
  });
});

describe('orders', () => {
  it('explains an order', async () => {
    const answer = await call('get', 'orders/260108000000041/explain');
    expect(answer.body).toEqual({
      status: 'success',
      explanation: { orderId: '260108000000041' },
    });
  });

  it('passes exactly one verdict on, with who gave it', async () => {
    await call('post', 'orders/26/resolve', { adopt: 'P17' });
    await call('post', 'orders/26/resolve', { not_placed: true, reason: 'not in the book' });
    const actor = (await api.apiKeys.list()).find((key) => key.scopes[0] === 'admin')?.keyId;
    expect(api.orders.resolved).toEqual([
      ['26', { adopt: 'P17' }, actor],
      ['26', { notPlaced: 'not in the book' }, actor],
    ]);
  });

  it.each([
    {},
    { adopt: 'P17', not_placed: true, reason: 'x' },
    { adopt: 'P17', reason: 'x' },
    { not_placed: true },
    { not_placed: false, reason: 'x' },
    { not_placed: true, reason: '' },
  ])('refuses the verdict %j', async (body) => {
    expect((await call('post', 'orders/26/resolve', body)).status).toBe(400);
    expect(api.orders.resolved).toEqual([]);
  });
});
