import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SAMPLE_USER, startIciciSimulator } from '../../src/simulators/icici/simulator';
import type { IciciSimulator } from '../../src/simulators/icici/simulator';
import { details } from '../support/icici-calls';
import { fieldsById, LoginWalk, totpOf } from '../support/icici-login';

const APP = SAMPLE_USER.apps[0]?.appKey ?? '';

describe('the login pages of the Breeze simulator', () => {
  let simulator: IciciSimulator;
  let walk: LoginWalk;
  beforeEach(async () => {
    simulator = await startIciciSimulator({ apiSession: null });
    walk = new LoginWalk(simulator.url);
  });
  afterEach(async () => {
    await simulator.close();
  });

  const toLogin = async (): Promise<string> => {
    await walk.entry(APP);
    return walk.login();
  };
  const { userId, password } = SAMPLE_USER;

  it.each(['pem', 'hex'] as const)(
    'lead from the key to a session with the %s key',
    async (way) => {
      simulator.login.set({ encryption: way });
      const bounce = await walk.entry(APP);
      expect(bounce).toContain('name="frmLog"');
      expect(Object.keys(walk.fields)).toEqual(['AppKey', 'time_stamp', 'checksum']);
      expect(walk.fields['AppKey']).toBe(APP);

      const page = await walk.login();
      for (const id of ['dvloginmain', 'txtuid', 'txtPass', 'chkssTnc', 'btnSubmit', 'hidp']) {
        expect(page).toContain(`id="${id}"`);
      }
      expect(page.includes('id="hidpv"')).toBe(way === 'pem');
      expect(page.includes('id="hidenc"')).toBe(way === 'hex');

      const boxes = await walk.askCode(userId, password);
      expect(boxes.match(/tg-nm="otp"/g)).toHaveLength(6);
      expect(boxes).toContain('Verify TOTP');
      expect(boxes).toContain('id="pnlOTP"');
      expect(fieldsById(boxes)).toMatchObject({ hiistotp: 'Y', hiotp: '' });

      const done = await walk.validate(totpOf(SAMPLE_USER));
      const apiSession = fieldsById(done)['API_Session'] ?? '';
      expect(apiSession).toMatch(/^\d{7,8}$/);
      expect(done).toContain(`action="http://127.0.0.1/callback?apisession=${apiSession}"`);
      expect(await details(simulator, apiSession)).toMatchObject({
        json: { Success: { idirect_userid: userId } },
      });
    },
  );

  it('say that a key does not exist, and escape what they repeat', async () => {
    expect(await walk.entry('nobody')).toContain('Public Key does not exist');
    await walk.entry(APP);
    walk.fields['checksum'] = 'forged';
    expect(await walk.login()).toContain('Public Key does not exist');
    const bounce = await walk.entry(APP);
    expect(bounce).toContain('8c7Q1&amp;5#sAmPleAppKey^42');
  });

  it.each(['x-requested-with', 'origin', 'referer'])(
    'refuse the background call without %s',
    async (name) => {
      await toLogin();
      const headers = Object.fromEntries(
        Object.entries(walk.browserHeaders()).filter(([key]) => key !== name),
      );
      expect(await walk.askCode(userId, password, {}, headers)).toBe('Invalid request.');
    },
  );

  it('refuse a wrong id, a wrong password, an open one and a page that was tampered with', async () => {
    await toLogin();
    const page = { ...walk.fields };
    const wrong = 'Invalid User ID or Password';
    expect(await walk.askCode(userId, 'wrong')).toContain(wrong);
    expect(await walk.askCode('ZZ999999', password)).toContain(wrong);
    expect(await walk.askCode(userId, password, { hidp: 'AAAA' })).toContain(wrong);
    expect(await walk.askCode(userId, password, { txtPass: password })).toContain('pageerror');
    expect(await walk.askCode(userId, password, { hidplk: 'x' })).toContain('pageerror');
    expect(await walk.askCode(userId, password, { ...page, chkssTnc: '' })).toContain('terms');
    walk.fields = page;
    expect(await walk.askCode(userId, password)).toContain('id="pnlOTP"');
  });

  it('lock the account after five failures in a row, until it is unlocked', async () => {
    await toLogin();
    for (let n = 0; n < 5; n += 1) await walk.askCode(userId, 'wrong');
    expect(await walk.askCode(userId, password)).toContain('locked');
    simulator.login.set({ locked: false });
    expect(await walk.askCode(userId, password)).toContain('id="pnlOTP"');
    simulator.login.set({ locked: true });
    expect(await walk.validate(totpOf(SAMPLE_USER))).toContain('locked');
  });

  it('refuse a wrong or old code without a session, and take the right one after', async () => {
    await toLogin();
    await walk.askCode(userId, password);
    const refused = await walk.validate('000000');
    expect(refused).toContain('id="errmsg"');
    expect(refused).not.toContain('API_Session');
    expect(await walk.validate(totpOf(SAMPLE_USER, Date.now() - 300_000))).toContain('errmsg');
    expect(await walk.validate(totpOf(SAMPLE_USER))).toContain('API_Session');
  });

  it('refuse the last step without the step before, or with fields of another', async () => {
    await toLogin();
    expect(await walk.validate(totpOf(SAMPLE_USER))).toContain('pageerror');
    await walk.askCode(userId, password);
    walk.fields['hitk'] = 'other';
    expect(await walk.validate(totpOf(SAMPLE_USER))).toContain('pageerror');
  });

  it('demand a captcha, fail as a page, ask for a code from a phone or look changed, when told', async () => {
    await toLogin();
    const page = { ...walk.fields };
    simulator.login.set({ captcha: true });
    expect(await walk.askCode(userId, password)).toContain('SHWCAP');
    simulator.login.set({ captcha: false, pageError: 'try again' });
    expect(await walk.askCode(userId, password)).toContain('pageerror: try again');
    simulator.login.set({ pageError: null, code: 'sms' });
    walk.fields = page;
    const boxes = await walk.askCode(userId, password);
    expect(boxes).toContain('Verify OTP');
    expect(fieldsById(boxes)).toMatchObject({ hiistotp: 'N' });
    expect(await walk.validate(totpOf(SAMPLE_USER))).not.toContain('API_Session');
    simulator.login.set({ changed: true });
    expect(await toLogin()).not.toContain('txtuid');
  });

  it('end the session of an earlier login', async () => {
    const sessions: string[] = [];
    for (let n = 0; n < 2; n += 1) {
      await toLogin();
      await walk.askCode(userId, password);
      sessions.push(fieldsById(await walk.validate(totpOf(SAMPLE_USER)))['API_Session'] ?? '');
    }
    const [first = '', second = ''] = sessions;
    expect(await details(simulator, first)).toMatchObject({
      json: { Error: 'Resource not available.' },
    });
    expect(await details(simulator, second)).toMatchObject({ json: { Status: 200 } });
  });
});
