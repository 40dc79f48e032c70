import { createHash, randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import { z } from 'zod';
import type { SimulatedReply, SimulatedRequest } from '../../core/fault-server';
import type { IciciMarket } from '../market';
import type { IciciUser, Sessions } from '../sessions';
import { headerOf } from '../signing';
import type { Texts } from '../texts';
import type { Html } from './html';
import {
  bouncePage,
  captchaFragment,
  donePage,
  errorFragment,
  loginPage,
  otpFragment,
  pageErrorFragment,
  unknownKeyPage,
} from './pages';
import { PasswordKey } from './password-key';

const switchesSchema = z.strictObject({
  /** The page of 2022 to 2025 (`hex`: hidenc) or since 2026 (`pem`: hidpv). */
  encryption: z.enum(['hex', 'pem']),
  /** A captcha is demanded from everyone. */
  captcha: z.boolean(),
  /** Wrong passwords or codes in a row after which the account is locked. */
  lockAfter: z.number().int().min(1),
  /** Every step in the background answers the page error with this text; null for none. */
  pageError: z.string().nullable(),
  /** `sms`: a code is sent to a phone, so none that is worked out is right. */
  code: z.enum(['totp', 'sms']),
  /** The page has none of the elements that a script looks for. */
  changed: z.boolean(),
});
const ORDINARY: z.infer<typeof switchesSchema> = {
  encryption: 'pem',
  captcha: false,
  lockAfter: 5,
  pageError: null,
  code: 'totp',
  changed: false,
};

/** Switches of the login site; POST /_sim/login changes those it names. `locked` locks or unlocks every account. */
export const loginSchema = switchesSchema.extend({ locked: z.boolean() }).partial();
export type LoginSwitches = z.infer<typeof loginSchema>;

/** One browser on its way through the pages. */
interface Visit {
  readonly appKey: string;
  /** Opaque fields that have to come back unchanged. */
  readonly state: Readonly<Record<string, string>>;
  user: IciciUser | null;
  otpToken: string;
}

export const LOGIN_OPERATIONS = {
  '/apiuser/login': 'loginentry',
  '/apiuser/tradelogin': 'tradelogin',
  '/apiuser/tradelogin/getotp': 'getotp',
  '/apiuser/tradelogin/validateuser': 'validateuser',
} as const;

const COOKIE = 'ASP.NET_SessionId';
const MASKED = '************';
const STEP_SECONDS = 30;

/** The broker's login pages. Static content: the caller does what the scripts of a browser would. */
export class LoginSite {
  readonly #sessions: Sessions;
  readonly #market: IciciMarket;
  readonly #texts: Texts;
  readonly #key = new PasswordKey();
  readonly #secret = randomBytes(16).toString('hex');
  readonly #visits = new Map<string, Visit>();
  readonly #failures = new Map<string, number>();
  #switches = ORDINARY;

  constructor(sessions: Sessions, market: IciciMarket, texts: Texts) {
    this.#sessions = sessions;
    this.#market = market;
    this.#texts = texts;
  }

  set(switches: LoginSwitches): void {
    const { locked, ...others } = switches;
    this.#switches = switchesSchema.parse({ ...this.#switches, ...others });
    if (locked === undefined) return;
    for (const { userId } of this.#sessions.users) {
      this.#failures.set(userId, locked ? this.#switches.lockAfter : 0);
    }
  }

  answer(request: SimulatedRequest): SimulatedReply {
    const form = new URLSearchParams(request.body.toString('utf8'));
    switch (request.operation) {
      case 'loginentry':
        return this.#entry(request.query.get('api_key') ?? form.get('api_key') ?? '');
      case 'tradelogin':
        return this.#login(form);
      case 'getotp':
        return this.#askCode(request, form);
      default:
        return this.#validate(request, form);
    }
  }

  /** The first page, for an app that exists. */
  #entry(appKey: string): SimulatedReply {
    if (this.#sessions.find(appKey) === null) return shown(unknownKeyPage(this.#texts.unknownKey));
    const time_stamp = new Date(this.#market.now()).toISOString();
    const fields = { AppKey: appKey, time_stamp, checksum: this.#checksum(appKey, time_stamp) };
    return {
      ...shown(bouncePage('/apiuser/tradelogin', fields)),
      headers: { 'set-cookie': ['AlteonAPI=simulated; path=/', 'nginx_srv_id=s1; path=/'] },
    };
  }

  /** The login page, for what the first page posted. */
  #login(form: URLSearchParams): SimulatedReply {
    const appKey = form.get('AppKey') ?? '';
    const proof = this.#checksum(appKey, form.get('time_stamp') ?? '');
    if (this.#sessions.find(appKey) === null || form.get('checksum') !== proof) {
      return shown(unknownKeyPage(this.#texts.unknownKey));
    }
    if (this.#switches.changed) return shown(unknownKeyPage('Welcome to our new login page'));
    const visit = randomBytes(12).toString('hex');
    const state = Object.fromEntries(
      ['hidplk', 'hidslk', 'hidredurl', 'hidPATH', 'hidPARAM', 'hidpaths', 'hidparams'].map(
        (name) => [name, createHash('sha256').update(`${visit}${name}`).digest('hex').slice(0, 16)],
      ),
    );
    this.#visits.set(visit, { appKey, state, user: null, otpToken: '' });
    const key =
      this.#switches.encryption === 'hex'
        ? { hidenc: this.#key.hex() }
        : { hidpv: this.#key.pem() };
    return {
      ...shown(loginPage({ hidp: '', ...key, ...state })),
      headers: { 'set-cookie': `${COOKIE}=${visit}; path=/; HttpOnly` },
    };
  }

  /** The background call with id and password: the boxes for the code, or what is wrong. */
  #askCode(request: SimulatedRequest, form: URLSearchParams): SimulatedReply {
    const fromPage =
      headerOf(request, 'x-requested-with') === 'XMLHttpRequest' &&
      headerOf(request, 'origin') !== '' &&
      headerOf(request, 'referer').includes('/apiuser/tradelogin');
    if (!fromPage) return { status: 200, contentType: 'text/html', body: 'Invalid request.' };
    const { captcha, pageError, code } = this.#switches;
    if (pageError !== null) return shown(pageErrorFragment(pageError));
    if (captcha) return shown(captchaFragment());
    const visit = this.#visitOf(request, form);
    if (visit === null) return shown(pageErrorFragment('Session expired'));
    if (form.get('chkssTnc') !== 'Y') return shown(errorFragment('Please accept the terms'));
    // A browser never sends the password itself.
    if (form.get('txtPass') !== MASKED) return shown(pageErrorFragment('Invalid request'));
    const userId = (form.get('txtuid') ?? '').toUpperCase();
    if (this.#isLocked(userId)) return shown(errorFragment(this.#texts.locked));
    const owner = this.#sessions.find(visit.appKey)?.user;
    const password = this.#key.decrypt(form.get('hidp') ?? '', this.#switches.encryption);
    if (owner?.userId !== userId || password !== owner.password) {
      this.#failed(userId);
      return shown(errorFragment(this.#texts.wrongPassword));
    }
    visit.user = owner;
    visit.otpToken = randomBytes(8).toString('hex');
    const totp = code === 'totp';
    return shown(otpFragment(otpFields(visit.otpToken, totp), totp));
  }

  /** The last step: the page that posts the number of the login, or the boxes with an error. */
  #validate(request: SimulatedRequest, form: URLSearchParams): SimulatedReply {
    const { pageError, code } = this.#switches;
    if (pageError !== null) return shown(pageErrorFragment(pageError));
    const visit = this.#visitOf(request, form);
    const user = visit?.user ?? null;
    if (visit === null || user === null || form.get('hitk') !== visit.otpToken) {
      return shown(pageErrorFragment('Session expired'));
    }
    if (this.#isLocked(user.userId)) return shown(errorFragment(this.#texts.locked));
    if (code === 'sms' || !this.#isCode(user, form.get('hiotp') ?? '')) {
      this.#failed(user.userId);
      return shown(errorFragment(this.#texts.wrongCode));
    }
    this.#failures.set(user.userId, 0);
    const { apiSession, app } = this.#sessions.login(visit.appKey);
    const redirect = new URL(app.redirectUrl);
    redirect.searchParams.set('apisession', apiSession);
    return shown(donePage(redirect.href, apiSession));
  }

  #isCode(user: IciciUser, token: string): boolean {
    const totp = new TOTP({ secret: Secret.fromBase32(user.totpSecret), period: STEP_SECONDS });
    return totp.validate({ token, timestamp: this.#market.now(), window: 1 }) !== null;
  }

  /** The visit of the cookie whose opaque fields came back unchanged. */
  #visitOf(request: SimulatedRequest, form: URLSearchParams): Visit | null {
    const cookies = headerOf(request, 'cookie').split(/;\s*/);
    const id = cookies.find((cookie) => cookie.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1);
    const visit = this.#visits.get(id ?? '');
    if (visit === undefined) return null;
    const intact = Object.entries(visit.state).every(([name, value]) => form.get(name) === value);
    return intact ? visit : null;
  }

  #isLocked(userId: string): boolean {
    return (this.#failures.get(userId) ?? 0) >= this.#switches.lockAfter;
  }
  #failed(userId: string): void {
    this.#failures.set(userId, (this.#failures.get(userId) ?? 0) + 1);
  }
  #checksum(appKey: string, timestamp: string): string {
    return createHash('sha256').update(`${timestamp}${appKey}${this.#secret}`).digest('hex');
  }
}

const otpFields = (hitk: string, totp: boolean): Readonly<Record<string, string>> => ({
  ...{ hiotp: '', hitk, udid: '', hidsd: '', hiistotp: totp ? 'Y' : 'N', hiforotp: '' },
});

const shown = (content: Html): SimulatedReply => ({
  status: 200,
  contentType: 'text/html; charset=utf-8',
  body: content.text,
});
