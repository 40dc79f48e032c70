import fc from 'fast-check';
import type { Route } from '../../src/api/route';
import type { Mutation } from './body';

/** What is sent as the body, before the ids and secrets of the gateway are known. */
export type CaseBody =
  | { readonly kind: 'mutated'; readonly mutations: readonly Mutation[] }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'none' };

/** One call, as data that prints and shrinks. */
export interface Case {
  /** Name of the route. */
  readonly route: string;
  readonly method: string;
  readonly body: CaseBody;
  readonly headers: Readonly<Record<string, string>>;
  readonly key: 'right' | 'wrong' | 'absent';
  /** Text for the parameter of the path; null: one that exists. */
  readonly param: string | null;
  /** What is put around the path. */
  readonly path: 'plain' | 'slashes' | 'trailing' | 'dots' | 'key' | 'broken-escape' | 'long';
}

const text = (value: unknown): string => JSON.stringify(value);
const deep = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;

/** Texts and numbers at which readers of orders broke before. */
const EXTREMES: readonly string[] = [
  ...['-0', '0', '1', '-1', '1e308', '-1e308', '1e400', '9007199254740992', '1.5', '0.1', '1e-9'],
  ...['1e2', '10.0', '1000000001', '5e-324', 'null', 'true', 'false', '[]', '{}', '[[]]', '""'],
  ...['1_000', '1,000', ' 5 ', '0x10', '1e2', '5.0', '٣', 'NaN', 'Infinity', '-0', '+5'].map(
    (word) => text(word),
  ),
  ...['BUY', 'Buy', 'buy ', 'SELL', 'MIS', 'CNC', 'NRML', 'mis', 'LIMIT', 'MARKET', 'SL'].map(
    (word) => text(word),
  ),
  ...['SL-M', 'market', 'NSE', 'NFO', 'nse', 'SBIN', 'sbin', 'M&M', 'NO-SUCH', '812.5'].map(
    (word) => text(word),
  ),
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', '\u0000', 'a\u0000b'].map((word) =>
    text(word),
  ),
  ...['\ud83d\ude80', 'ＢＵＹ', 'x'.repeat(300), "'; DROP TABLE orders; --", '../../x'].map(
    (word) => text(word),
  ),
  ...['2026-02-30', '2026-01-08', '0000-00-00', '99999999', 'csv', 'json', '<script>'].map((word) =>
    text(word),
  ),
  '"\\ud800"',
  '"\\udfff\\ud800"',
  '{"__proto__":{"x":1}}',
  '{"length":2}',
  deep(15),
  deep(60),
];

const raw: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...EXTREMES) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }).map((value) => text(value)) },
  { weight: 1, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }).map(String) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme' }).map((value) => text(value)) },
);
const KNOWN_NAMES = [
  ...['__proto__', 'constructor', 'toString', 'account', 'client_order_id', 'force_exit', 'split'],
  ...[
    'position_size',
    'splitsize',
    'token',
    'apikey',
    'strategy',
    'quantity',
    'validity',
    'orders',
  ],
];
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ kind: fc.constant('drop' as const), at: fc.nat(40) }),
  fc.record({ kind: fc.constant('set' as const), at: fc.nat(40), raw }),
  fc.record({ kind: fc.constant('set' as const), at: fc.nat(40), raw }),
  fc.record({ kind: fc.constant('repeat' as const), at: fc.nat(40), raw }),
  fc.record({
    kind: fc.constant('add' as const),
    name: fc.oneof(fc.constantFrom(...KNOWN_NAMES), fc.string({ maxLength: 20 })),
    raw,
  }),
);

const bytesOf = (value: string): Uint8Array => Buffer.from(value, 'utf8');
const bytes: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.json({ maxDepth: 6 }).map(bytesOf),
  fc
    .constantFrom('', '{', '[]', 'null', '"x"', '\ufeff{}', 'a=1&b=2', deep(25), deep(7000))
    .map(bytesOf),
  // Beyond what is read: a body of a megabyte.
  fc.constant(null).map(() => bytesOf(text({ strategy: 'x'.repeat(1_000_000) }))),
);

const body: fc.Arbitrary<CaseBody> = fc.oneof(
  {
    weight: 14,
    arbitrary: fc
      .oneof(
        { weight: 3, arbitrary: fc.constant<Mutation[]>([]) },
        { weight: 6, arbitrary: fc.array(mutation, { minLength: 1, maxLength: 1 }) },
        { weight: 2, arbitrary: fc.array(mutation, { minLength: 2, maxLength: 4 }) },
      )
      .map((mutations): CaseBody => ({ kind: 'mutated', mutations })),
  },
  { weight: 2, arbitrary: bytes.map((value): CaseBody => ({ kind: 'bytes', bytes: value })) },
  { weight: 1, arbitrary: fc.constant<CaseBody>({ kind: 'none' }) },
);

const TYPES = [
  ...['application/json', 'text/plain', 'text/plain; charset=utf-16', 'application/octet-stream'],
  ...['multipart/form-data; boundary=x', 'application/x-www-form-urlencoded', '', ';', 'a/b/c'],
];
const oddHeaders = fc.dictionary(
  fc.constantFrom(
    ...['x-request-id', 'x-forwarded-for', 'forwarded', 'accept', 'origin', 'cookie', 'range'],
    ...['content-encoding', 'authorization', 'x-toran-signature', 'x-toran-timestamp', 'referer'],
    ...['x-http-method-override', 'if-none-match', 'accept-encoding', 'sec-fetch-site'],
  ),
  fc.oneof(
    fc.constantFrom('gzip', '127.0.0.1', '::1, 10.0.0.1', 'DELETE', '0', 'Basic eA==', '*', 'null'),
    fc.stringMatching(/^[\x21-\x7e]{1,60}$/),
  ),
  { maxKeys: 3 },
);
const headers = fc
  .record({
    type: fc.oneof(
      { weight: 4, arbitrary: fc.constant('application/json') },
      { weight: 2, arbitrary: fc.constantFrom(...TYPES) },
    ),
    odd: fc.oneof(
      { weight: 3, arbitrary: fc.constant<Record<string, string>>({}) },
      { weight: 1, arbitrary: oddHeaders },
    ),
  })
  .map(({ type, odd }): Readonly<Record<string, string>> => ({ 'content-type': type, ...odd }));

const mostly = <T>(usual: T, odd: fc.Arbitrary<T>, weight: number): fc.Arbitrary<T> =>
  fc.oneof({ weight, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: odd });

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];
const PARAMS = [
  ...['x', '%00', '%E0%A4%A', '..%2f..', '__proto__', 'a'.repeat(65), '%F0%9F%9A%80', '%20', '0'],
  ...['260108000000001', 'constructor', '1e5', '%25', 'paper-main', '00000000-0000-4000-8000-0'],
];

const ORDER_CALL = /order$|position$|Webhook$/;
/** Calls that may write an order come more often. */
const writesOrders = (route: Pick<Route, 'name' | 'method'>): boolean =>
  route.method === 'post' && ORDER_CALL.test(route.name);

/** Every kind of call of these routes. */
export const casesOf = (routes: readonly Pick<Route, 'name' | 'method'>[]): fc.Arbitrary<Case> =>
  fc
    .constantFrom(...routes, ...routes.filter(writesOrders), ...routes.filter(writesOrders))
    .chain((route) =>
      fc.record({
        route: fc.constant(route.name),
        method: mostly(route.method.toUpperCase(), fc.constantFrom(...METHODS), 25),
        body,
        headers,
        key: mostly<Case['key']>('right', fc.constantFrom('wrong', 'absent'), 25),
        param: mostly<string | null>(
          null,
          fc.oneof(fc.constantFrom(...PARAMS), fc.string().map(encodeURIComponentSafely)),
          4,
        ),
        path: mostly<Case['path']>(
          'plain',
          fc.constantFrom('slashes', 'trailing', 'dots', 'key', 'broken-escape', 'long'),
          25,
        ),
      }),
    );

/** Half a surrogate pair has no escape in a URL. */
const encodeURIComponentSafely = (value: string): string =>
  encodeURIComponent(value.toWellFormed());
