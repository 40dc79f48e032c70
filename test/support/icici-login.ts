import { constants, createPublicKey, publicEncrypt } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { request } from 'undici';
import { Secret, TOTP } from 'otpauth';
import type { IciciUser } from '../../src/simulators/icici/sessions';

/** The value of each element with an id, as a script of the page would collect them. */
export const fieldsById = (page: string): Record<string, string> =>
  Object.fromEntries(
    [...page.matchAll(/<input\b[^>]*>/g)].flatMap(([tag]) => {
      const id = /\bid="([^"]*)"/.exec(tag)?.[1];
      const value = /\bvalue="([^"]*)"/.exec(tag)?.[1] ?? '';
      return id === undefined ? [] : [[id, unescaped(value)]];
    }),
  );

const unescaped = (text: string): string =>
  text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');

/** The password as the page's script encrypts it, by whichever key the page carries. */
export const encrypted = (password: string, fields: Record<string, string>): string => {
  const { hidpv, hidenc } = fields;
  const [key, encoding] =
    hidpv === undefined
      ? ([fromHex(hidenc ?? ''), 'hex'] as const)
      : ([createPublicKey(hidpv), 'base64'] as const);
  return publicEncrypt(
    { key, padding: constants.RSA_PKCS1_PADDING },
    Buffer.from(password),
  ).toString(encoding);
};

const fromHex = (text: string): KeyObject => {
  const [e = '', n = ''] = text
    .split('~')
    .map((hex) =>
      Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex').toString('base64url'),
    );
  return createPublicKey({ key: { kty: 'RSA', e, n }, format: 'jwk' });
};

export const totpOf = (user: IciciUser, at = Date.now()): string =>
  new TOTP({ secret: Secret.fromBase32(user.totpSecret) }).generate({ timestamp: at });

/** Walks the login pages by HTTP alone, step by step, keeping cookies. */
export class LoginWalk {
  readonly #origin: string;
  readonly #cookies = new Map<string, string>();
  fields: Record<string, string> = {};

  constructor(origin: string) {
    this.#origin = origin;
  }

  async entry(appKey: string): Promise<string> {
    const page = await this.#ask('GET', `/apiuser/login?api_key=${encodeURIComponent(appKey)}`);
    this.fields = fieldsById(page);
    return page;
  }

  async login(): Promise<string> {
    const page = await this.#ask('POST', '/apiuser/tradelogin', this.fields);
    this.fields = fieldsById(page);
    return page;
  }

  /** The background call; `headers` are those that a browser adds. */
  async askCode(
    userId: string,
    password: string,
    changes: Record<string, string> = {},
    headers: Record<string, string> = this.browserHeaders(),
  ): Promise<string> {
    const sent = {
      ...this.fields,
      ...{ txtuid: userId, txtPass: '*'.repeat(12), chkssTnc: 'Y' },
      hidp: encrypted(password, this.fields),
      ...changes,
    };
    const fragment = await this.#ask('POST', '/apiuser/tradelogin/getotp', sent, headers);
    this.fields = { ...sent, ...fieldsById(fragment) };
    return fragment;
  }

  validate(code: string): Promise<string> {
    const sent = { ...this.fields, hiotp: code };
    return this.#ask('POST', '/apiuser/tradelogin/validateuser', sent, this.browserHeaders());
  }

  browserHeaders(): Record<string, string> {
    return {
      'x-requested-with': 'XMLHttpRequest',
      origin: this.#origin,
      referer: `${this.#origin}/apiuser/tradelogin`,
    };
  }

  async #ask(
    method: 'GET' | 'POST',
    path: string,
    form: Record<string, string> = {},
    headers: Record<string, string> = {},
  ): Promise<string> {
    const answer = await request(this.#origin + path, {
      method,
      headers: {
        cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        'content-type': 'application/x-www-form-urlencoded',
        ...headers,
      },
      body: method === 'GET' ? null : new URLSearchParams(form).toString(),
    });
    for (const cookie of [answer.headers['set-cookie'] ?? []].flat()) {
      const [name = '', value = ''] = (cookie.split(';')[0] ?? '').split('=');
      this.#cookies.set(name, value);
    }
    return answer.body.text();
  }
}
