export interface SocketIoRequest {
  /** `http:` or `https:`, without a path. */
  readonly url: string;
  /** Path of the socket.io server, for example `/socket.io/`. */
  readonly path: string;
  /** What the server's handshake wants; a secret. */
  readonly auth: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  /** Aborting ends the attempt, or the open connection. */
  readonly signal: AbortSignal;
  /** Milliseconds until the attempt to connect is given up. */
  readonly timeoutMs: number;
}

/** What a connection tells its owner. Nothing is called after `onClose`. */
export interface SocketIoEvents {
  onEvent(name: string, args: readonly unknown[]): void;
  /** Once, whoever closed it; `reason` is for the log. */
  onClose(reason: string): void;
}

export interface SocketIoConnection {
  /** Resolves when the socket is gone. */
  close(): Promise<void>;
}

/** One attempt to open a socket.io connection, by WebSocket alone; reconnecting is the caller's decision. */
export interface SocketIoPort {
  /** @throws GatewayError CONNECT, TIMEOUT, or SESSION_EXPIRED when the server refused the handshake. */
  open(request: SocketIoRequest, events: SocketIoEvents): Promise<SocketIoConnection>;
}
