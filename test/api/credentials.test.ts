import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { GatewayError } from '../../src/core/domain/errors';
import { brokerId } from '../../src/core/domain/ids';
import { Credentials } from '../../src/core/sessions/credentials';
import { credentialBroker } from '../support/credential-broker';
import { VaultBench } from '../support/vault-bench';
import { account, startApi } from './fakes';
import type { TestApi } from './fakes';

const PATH = '/api/admin/accounts/one/credentials';
let bench: VaultBench;
let api: TestApi;
beforeEach(async () => {
  bench = await VaultBench.open('vaulted');
  const credentials = new Credentials({
    modules: [credentialBroker('http://127.0.0.1:1')],
    store: bench.store,
    vault: await bench.vault(),
    clock: bench.clock,
  });
  api = await startApi({ credentials, clock: bench.clock });
  api.accounts.push(account({ ...bench.account('one', 'vaulted'), isDefault: false }));
  api.accounts.push(
    account({ ...bench.account('two'), broker: brokerId('paper'), isDefault: false }),
  );
});
afterEach(() => bench.close());

const call = (method: 'get' | 'put' | 'delete', body?: object): request.Test => {
  const made = request(api.app)[method](PATH).set('x-api-key', api.keys.admin);
  return body === undefined ? made : made.send(body);
};

describe('the credentials of an account', () => {
  it('are set, shown by presence and age, and forgotten; their values are in no answer and no log', async () => {
    const put = await call('put', { apiKey: 'VALUE-ONE', password: 'VALUE-TWO' });
    expect(put.status).toBe(200);
    await bench.clock.advance(90_000);
    const shown = await call('get');
    expect(shown.body).toMatchObject({
      status: 'success',
      account: 'one',
      broker: 'vaulted',
      complete: false,
    });
    const { fields } = shown.body as { fields: Record<string, unknown>[] };
    expect(fields.map(({ name, present, age_seconds: age }) => [name, present, age])).toEqual([
      ['apiKey', true, 90],
      ['apiSecret', false, null],
      ['userId', false, null],
      ['password', true, 90],
      ['totpSecret', false, null],
    ]);
    expect(fields[0]).toEqual({
      name: 'apiKey',
      label: 'API key',
      secrecy: 'app',
      required: true,
      present: true,
      updated_at: '2026-01-08T09:30:00.000+05:30',
      age_seconds: 90,
    });
    expect((await call('put', { apiSecret: 'VALUE-THREE' })).body).toMatchObject({
      complete: true,
    });
    const forgotten = await call('delete');
    expect(forgotten.body).toMatchObject({ complete: false });
    expect(JSON.stringify(forgotten.body)).not.toContain('"present":true');
    const said = JSON.stringify([put.body, shown.body, forgotten.body, api.log, api.audited]);
    expect(said).not.toMatch(/VALUE-/);
    expect(api.audited).toEqual([
      { action: 'credentials.set', detail: { account: 'one', fields: ['apiKey', 'password'] } },
      { action: 'credentials.set', detail: { account: 'one', fields: ['apiSecret'] } },
      { action: 'credentials.forget', detail: { account: 'one' } },
    ]);
  });

  it.each([
    [{ apiKey: 'two words' }, 'apiKey'],
    [{ password: ['VALUE-LIST'] }, 'password'],
    [{ totpSecret: 'VALUE-TOTP-0189' }, 'totpSecret'],
    [{ 'VALUE-AS-NAME': 'apiKey' }, undefined],
    [{}, undefined],
  ])('are refused with 400 when wrong: %j', async (body, field) => {
    const refused = await call('put', body);
    expect([refused.status, refused.body]).toEqual([
      400,
      expect.objectContaining({ status: 'error', code: 'VALIDATION' }),
    ]);
    expect((refused.body as { field?: string }).field).toBe(field);
    expect(JSON.stringify([refused.body, api.log])).not.toMatch(/VALUE-|two words/);
    expect(api.audited).toEqual([]);
  });

  it('are refused for a broker that takes none, and for an account that is not there', async () => {
    const put = (id: string): request.Test =>
      request(api.app)
        .put(`/api/admin/accounts/${id}/credentials`)
        .set('x-api-key', api.keys.admin)
        .send({ apiKey: 'x' });
    expect((await put('two')).body).toMatchObject({ code: 'VALIDATION' });
    expect((await put('three')).status).toBe(422);
  });

  it('that do not open are told apart from a fault of ours', async () => {
    const unreadable = new GatewayError('SECRET_UNREADABLE', 'the master key was changed');
    const broken = await startApi({
      credentials: {
        presence: () => Promise.resolve([]),
        set: () => Promise.reject(unreadable),
        forget: () => Promise.resolve(),
      },
    });
    const refused = await request(broken.app)
      .put('/api/admin/accounts/paper-main/credentials')
      .set('x-api-key', broken.keys.admin)
      .send({ apiKey: 'x' });
    expect([refused.status, refused.body]).toEqual([
      503,
      expect.objectContaining({ code: 'SECRET_UNREADABLE', message: 'the master key was changed' }),
    ]);
  });

  it('need an admin key', async () => {
    const answers = await Promise.all(
      (['get', 'put', 'delete'] as const).map((method) =>
        request(api.app)[method](PATH).set('x-api-key', api.keys.trade).send({ apiKey: 'x' }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403]);
  });
});
