export interface SocketRequest {
  /** `ws:` or `wss:`. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Aborting ends the attempt, or the open connection. */
  readonly signal: AbortSignal;
  /** Milliseconds until the attempt to connect is given up. */
  readonly timeoutMs: number;
}

/** What a connection tells its owner. Nothing is called after `onClose`. */
export interface SocketEvents {
  onMessage(data: string | Uint8Array): void;
  /** Once, whoever closed it; `reason` is for the log. */
  onClose(reason: string): void;
}

export interface SocketConnection {
  /** Hands `data` to the socket; false when the connection is no longer open. */
  send(data: string | Uint8Array): boolean;
  /** Resolves when the socket is gone. */
  close(): Promise<void>;
}

/** One attempt to open a WebSocket; reconnecting is the caller's decision. */
export interface SocketPort {
  /** @throws GatewayError CONNECT, TIMEOUT, or SESSION_EXPIRED when the broker answered 401 or 403. */
  open(request: SocketRequest, events: SocketEvents): Promise<SocketConnection>;
}
