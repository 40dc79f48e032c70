import type { z } from 'zod';
import { GatewayError } from '../core/domain/errors';
import type { Caller } from '../core/orders/service-types';
import type { ReceivedCall } from '../core/ports/webhook-store';
import type { Scope } from '../core/sessions/api-keys-types';
import type { AccountDirectory } from './account-directory';
import type { ApiDeps } from './deps';
import type { HookGate } from './webhooks/gate';

/** Who may call, and where the key is; `query` is for GET calls of the contract. `public` names the reason, so that an open route is never an oversight. */
export type Access =
  | { readonly kind: 'public'; readonly reason: string }
  | { readonly kind: 'loopback' }
  | { readonly kind: 'key'; readonly scope: Scope; readonly carrier: 'body' | 'header' | 'query' };

/**
 * Shape of `message` when fields are wrong: one text, or an object of field to messages (both are in
 * the wire contract), or the admin API's own; strategy and ChartInk webhooks have theirs.
 */
export type ErrorFamily = 'text' | 'object' | 'admin' | 'strategy' | 'chartink';

/** What a handler knows about the request beyond its parsed body. */
export interface Call {
  readonly deps: ApiDeps;
  readonly accounts: AccountDirectory;
  /** Who asks; on a route without a key its `apiKeyId` is empty. */
  readonly caller: Caller;
  header(name: string): string | null;
  /** The body as it came. */
  readonly raw: Uint8Array;
  readonly gate: HookGate;
  /** Who calls, for the gate. */
  readonly address: string;
  /** The caller is this machine, and no proxy speaks for somebody else. */
  readonly isLocal: boolean;
  /** Notes that this call may come again when its answer does not go out well. `source` is who sent it. */
  received(source: string): ReceivedCall;
  /** The OpenAPI document. */
  document(): JsonObject;
}

export type JsonObject = Readonly<Record<string, unknown>>;
export type Answer =
  | { readonly status: number; readonly json: JsonObject }
  | { readonly status: number; readonly text: string; readonly contentType: string }
  /** Sent piece by piece as the caller takes it; a piece that throws cuts the answer off. */
  | {
      readonly status: number;
      readonly pieces: Iterable<string>;
      readonly contentType: string;
      /** Name under which a browser keeps it; null: no attachment. */
      readonly fileName: string | null;
    };

export interface FailureExample {
  readonly name: string;
  readonly status: number;
  readonly body: JsonObject;
}

interface RouteFacts {
  /** Unique; the operation id. */
  readonly name: string;
  readonly method: 'get' | 'post' | 'put' | 'delete';
  /** Express path, without a trailing slash. */
  readonly path: string;
  readonly access: Access;
  readonly family: ErrorFamily;
  /** Alerts are posted straight here: such callers wait less, and their repeats are recognised. */
  readonly takesAlerts?: true;
  readonly summary: string;
  readonly description?: string;
  /** Whether this request wants its errors as plain text; absent: never. */
  readonly textErrors?: (input: JsonObject) => boolean;
  /** Schema of the success body; null when it is not JSON. */
  readonly answer: z.ZodType | null;
  readonly examples: {
    readonly request: JsonObject | null;
    readonly success: JsonObject | null;
    readonly failures: readonly FailureExample[];
  };
}

interface RouteSpec<Body extends z.ZodType, Params extends z.ZodType> extends RouteFacts {
  /** NOTHING when the route reads no body. Where the key is in the query: the query's fields. */
  readonly body: Body;
  readonly params: Params;
  handle(
    input: { readonly body: z.output<Body>; readonly params: z.output<Params> },
    call: Call,
  ): Promise<Answer>;
}

/** One line of the table from which router, OpenAPI document and the route tests are made. */
export interface Route extends RouteFacts {
  readonly body: z.ZodType;
  readonly params: z.ZodType;
  /** Parses, then handles. @throws InvalidFields, GatewayError */
  run(body: unknown, params: unknown, call: Call): Promise<Answer>;
}

/** Field name to messages; `_schema` for the body as a whole. */
export type FieldMessages = Readonly<Record<string, readonly string[]>>;

/** A VALIDATION error that knows every field at fault. */
export class InvalidFields extends GatewayError {
  readonly fields: FieldMessages;

  constructor(fields: FieldMessages) {
    const names = Object.keys(fields);
    super(
      'VALIDATION',
      names.map((name) => `${name}: ${(fields[name] ?? []).join(' ')}`).join('; '),
      names[0] === undefined ? {} : { field: names[0] },
    );
    this.fields = fields;
  }
}

const NAME_LENGTH = 60;

/** `orders[2].price` for a field of a list's item. */
const fieldName = (path: readonly PropertyKey[]): string =>
  path.reduce<string>((name, part) => {
    if (typeof part === 'number') return `${name}[${String(part)}]`;
    return name === '' ? String(part) : `${name}.${String(part)}`;
  }, '');

/** Messages per field of a failed parse. */
export const fieldMessages = (error: z.core.$ZodError): FieldMessages => {
  const fields = new Map<string, string[]>();
  const put = (name: string, message: string): void => {
    const key = name.slice(0, NAME_LENGTH);
    fields.set(key, [...(fields.get(key) ?? []), message]);
  };
  for (const issue of error.issues) {
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) put(fieldName([...issue.path, key]), 'Unknown field.');
    } else {
      const isObject = issue.code === 'invalid_type' && issue.expected === 'object';
      // The contract's words for an item that is no object.
      const message = isObject ? 'Invalid input type.' : issue.message;
      put(issue.path.length === 0 ? '_schema' : fieldName(issue.path), message);
    }
  }
  return Object.fromEntries(fields);
};

/** `value` as `schema` reads it. @throws InvalidFields */
export const parseWith = <Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): z.output<Schema> => {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new InvalidFields(fieldMessages(parsed.error));
  return parsed.data;
};

/** A table line whose handler sees only what its schemas let through. */
export const defineRoute = <Body extends z.ZodType, Params extends z.ZodType>(
  spec: RouteSpec<Body, Params>,
): Route => ({
  ...spec,
  run: async (body, params, call) =>
    spec.handle({ body: parseWith(spec.body, body), params: parseWith(spec.params, params) }, call),
});

/** The success envelope of the contract: exactly 200. */
export const success = (json: JsonObject): Answer => ({
  status: 200,
  json: { status: 'success', ...json },
});
