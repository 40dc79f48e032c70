import { z } from 'zod';
import { epochMs } from '../../core/domain/ids';
import { DAY_MS, istDate, startOfIstDay } from '../../core/domain/time';

const word = z.string().min(1);
const appSchema = z.strictObject({
  appKey: word,
  secretKey: word,
  /** Where the login site sends the browser. */
  redirectUrl: z.url(),
});
/** Someone who can log in, as `--users` takes a list of them. */
export const userSchema = z.strictObject({
  userId: word,
  name: word,
  password: word,
  /** Base32. */
  totpSecret: word,
  apps: z.array(appSchema).readonly(),
});
export type IciciApp = z.infer<typeof appSchema>;
export type IciciUser = z.infer<typeof userSchema>;

/** One browser login and the token that it was exchanged for. */
export interface IciciSession {
  /** The short number that the login site hands out. */
  readonly apiSession: string;
  /** What goes in X-SessionToken: base64 of `<user id>:<socket token>`. */
  readonly token: string;
  readonly socketToken: string;
  readonly user: IciciUser;
  readonly app: IciciApp;
  /** Epoch ms of the broker's clock: midnight IST, or 24 hours. */
  readonly endsAt: number;
  ended: boolean;
}

const FIRST_API_SESSION = 55_512_345;

/** Who may call: users, their apps, and the sessions of today. */
export class Sessions {
  readonly users: readonly IciciUser[];
  readonly #now: () => number;
  readonly #oneAtATime: boolean;
  #sessions: IciciSession[] = [];
  #made = 0;

  /** `oneAtATime`: a login ends the earlier session of its app. */
  constructor(users: readonly IciciUser[], now: () => number, oneAtATime: boolean) {
    this.users = users;
    this.#now = now;
    this.#oneAtATime = oneAtATime;
  }

  find(appKey: string): { readonly user: IciciUser; readonly app: IciciApp } | null {
    for (const user of this.users) {
      const app = user.apps.find((one) => one.appKey === appKey);
      if (app !== undefined) return { user, app };
    }
    return null;
  }

  /** A login; the number is made up unless it is given. @throws RangeError for an unknown app */
  login(appKey: string, apiSession?: string): IciciSession {
    const found = this.find(appKey);
    if (found === null) throw new RangeError(`no app ${appKey}`);
    if (this.#oneAtATime) {
      for (const session of this.#sessions) if (session.app === found.app) session.ended = true;
    }
    this.#made += 1;
    const socketToken = String(70_000_000 + this.#made * 104_729);
    const session: IciciSession = {
      ...found,
      apiSession: apiSession ?? String(FIRST_API_SESSION + (this.#made - 1) * 7_919),
      socketToken,
      token: Buffer.from(`${found.user.userId}:${socketToken}`).toString('base64'),
      endsAt: this.#endOfSession(),
      ended: false,
    };
    // The newest first: a number used again means its last login.
    this.#sessions = [session, ...this.#sessions];
    return session;
  }

  /** The session of this number; `unknown` when it is nobody's or another app's. */
  exchange(appKey: string, apiSession: string): IciciSession | 'unknown' | 'ended' {
    const session = this.#sessions.find(
      (one) => one.apiSession === apiSession && one.app.appKey === appKey,
    );
    if (session === undefined) return 'unknown';
    return this.#lives(session) ? session : 'ended';
  }

  byToken(appKey: string, token: string): IciciSession | null {
    return this.#live((one) => one.token === token && one.app.appKey === appKey);
  }

  bySocket(userId: string, socketToken: string): IciciSession | null {
    return this.#live((one) => one.user.userId === userId && one.socketToken === socketToken);
  }

  /** The newest session that lives, of any app. */
  newest(): IciciSession | null {
    return this.#live(() => true);
  }

  /** Ends every session. */
  end(): void {
    for (const session of this.#sessions) session.ended = true;
  }

  #live(fits: (session: IciciSession) => boolean): IciciSession | null {
    return this.#sessions.find((one) => fits(one) && this.#lives(one)) ?? null;
  }

  #lives(session: IciciSession): boolean {
    return !session.ended && this.#now() < session.endsAt;
  }

  #endOfSession(): number {
    const now = epochMs(this.#now());
    return Math.min(now + DAY_MS, startOfIstDay(istDate(now)) + DAY_MS);
  }
}
