import { BREEZE } from './brokers';
import type { Broker } from './brokers';
import { call } from './calls';
import type { Answer } from './calls';
import type { Template } from './template';

/** The logins of one run: at Breeze a person pastes the number of each into the gateway. */
export class Sessions {
  readonly #broker: Broker;
  readonly #template: Pick<Template, 'account' | 'key'>;
  /** Tells the simulator of a login. */
  readonly #tell: (body: object) => Promise<void>;
  #logins = 0;

  constructor(
    broker: Broker,
    template: Pick<Template, 'account' | 'key'>,
    tell: (body: object) => Promise<void>,
  ) {
    this.#broker = broker;
    this.#template = template;
    this.#tell = tell;
  }

  /** The login that the simulator has from its start. @throws Error when the gateway at `base` does not take it */
  async begin(base: string): Promise<void> {
    if (this.#broker !== 'icici') return;
    const answer = await this.#paste(base);
    if (answer?.status !== 200) throw new Error(`cannot log in: ${JSON.stringify(answer)}`);
  }

  /** A new session. A gateway that is stopped or gone does not hear of it: whoever renews does it again later. */
  async renew(base: string): Promise<void> {
    if (this.#broker !== 'icici') {
      await this.#tell({ token: 'practice' });
      return;
    }
    this.#logins += 1;
    await this.#tell({ token: this.#number() });
    await this.#paste(base);
  }

  #number(): string {
    const number = BREEZE.numbers[this.#logins];
    if (number === undefined) throw new Error('no more logins');
    return number;
  }

  #paste(base: string): Promise<Answer | null> {
    const { account, key } = this.#template;
    const url = `${base}/api/admin/accounts/${account}/login`;
    return call(url, { pasted: this.#number() }, { key, limitMs: 3_000 });
  }
}
