import type { MonotonicMs } from '../domain/ids';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | null;
  readonly signal: AbortSignal;
  /** Milliseconds until the attempt is given up. */
  readonly timeoutMs: number;
  /** The write must not begin after this instant; null: whenever it can. */
  readonly sendBy: MonotonicMs | null;
  /** An order call: uses a connection proven live in the last seconds, or a new one. */
  readonly freshConnection: boolean;
}

/**
 * One attempt, no redirects, no retry. A failure says how far the attempt got:
 * `connect` proves that no byte of the request left us, everything later proves nothing.
 */
export type HttpResult =
  | {
      readonly kind: 'response';
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: Uint8Array;
    }
  | {
      readonly kind: 'failure';
      readonly stage: 'connect' | 'sent' | 'headers' | 'body';
      readonly why: 'timeout' | 'reset' | 'refused' | 'aborted' | 'too-late' | 'too-large';
      readonly cause: unknown;
    };

export interface HttpPort {
  request(request: HttpRequest): Promise<HttpResult>;
}
