import { z } from 'zod';
import { createDocument } from 'zod-openapi';
import { NOTHING } from './fields';
import type { FailureExample, JsonObject, Route } from './route';
import { ROUTES } from './routes';

/** Every error body; `message` is text, or an object of field to messages on some reads. */
export const errorSchema = z
  .looseObject({
    /** Absent where a webhook's contract has only `error`. */
    status: z.literal('error').optional(),
    error: z.string().optional(),
    message: z.union([z.string(), z.record(z.string(), z.array(z.string()))]).optional(),
    code: z.string().optional(),
    field: z.string().optional(),
    correlation_id: z.string().optional(),
    retry_after: z.int().optional(),
  })
  .meta({ id: 'Error' });

type Operation = NonNullable<
  NonNullable<Parameters<typeof createDocument>[0]['paths']>[string]['post']
>;

const componentName = (failure: FailureExample): string =>
  `${failure.name}-${failure.status}`.replace(/[^A-Za-z0-9]+/g, '-');

/** Failures that many routes share, by component name, so that the document holds each once. */
const sharedFailures = (): Map<string, FailureExample> => {
  const seen = new Map<FailureExample, number>();
  for (const failure of ROUTES.flatMap((route) => route.examples.failures)) {
    seen.set(failure, (seen.get(failure) ?? 0) + 1);
  }
  const shared = [...seen].filter(([, uses]) => uses > 1).map(([failure]) => failure);
  return new Map(shared.map((failure) => [componentName(failure), failure]));
};

const exampleOf = (
  failure: FailureExample,
  shared: ReadonlyMap<string, FailureExample>,
): { readonly value: JsonObject } | { readonly $ref: string } => {
  const name = componentName(failure);
  return shared.get(name) === failure
    ? { $ref: `#/components/examples/${name}` }
    : { value: failure.body };
};

const failuresByStatus = (failures: readonly FailureExample[]): Map<number, FailureExample[]> => {
  const groups = new Map<number, FailureExample[]>();
  for (const failure of failures) {
    groups.set(failure.status, [...(groups.get(failure.status) ?? []), failure]);
  }
  return groups;
};

const failureResponses = (
  route: Route,
  shared: ReadonlyMap<string, FailureExample>,
): Operation['responses'] =>
  Object.fromEntries(
    [...failuresByStatus(route.examples.failures)].map(([status, failures]) => [
      String(status),
      {
        description: failures.map((failure) => failure.name).join('; '),
        content: {
          'application/json': {
            schema: errorSchema,
            examples: Object.fromEntries(
              failures.map((failure) => [componentName(failure), exampleOf(failure, shared)]),
            ),
          },
        },
      },
    ]),
  );

const successResponse = (route: Route): Operation['responses'] => ({
  '200': {
    description: 'Success',
    ...(route.answer === null
      ? { content: { 'text/plain': { schema: z.string() } } }
      : {
          content: {
            'application/json': {
              schema: route.answer,
              ...(route.examples.success === null ? {} : { example: route.examples.success }),
            },
          },
        }),
  },
});

const isByQuery = ({ access }: Route): boolean =>
  access.kind === 'key' && access.carrier === 'query';

const requestParams = (route: Route): Pick<Operation, 'requestParams'> => {
  const path = route.params instanceof z.ZodObject ? { path: route.params } : {};
  const query = isByQuery(route) && route.body instanceof z.ZodObject ? { query: route.body } : {};
  const both = { ...path, ...query };
  return Object.keys(both).length === 0 ? {} : { requestParams: both };
};

const operation = (route: Route, shared: ReadonlyMap<string, FailureExample>): Operation => ({
  operationId: route.name,
  summary: route.summary,
  ...(route.description === undefined ? {} : { description: route.description }),
  security:
    route.access.kind === 'key' && route.access.carrier === 'header' ? [{ adminKey: [] }] : [],
  ...requestParams(route),
  ...(route.body === NOTHING || isByQuery(route)
    ? {}
    : {
        requestBody: {
          required: true,
          content: {
            'application/json': { schema: route.body, example: route.examples.request },
          },
        },
      }),
  responses: { ...successResponse(route), ...failureResponses(route, shared) },
});

/** The OpenAPI 3.1 document of the route table, ready for JSON. */
export const openApiDocument = (): JsonObject => {
  const shared = sharedFailures();
  const paths: Record<string, Record<string, Operation>> = {};
  for (const route of ROUTES) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method]: operation(route, shared) };
  }
  const document = createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Toran',
      version: 'v1',
      description:
        'Orders and books of broker accounts. The key goes into the field apikey of the body, or of the query of a GET; admin calls ' +
        'take it in the header X-API-KEY. Success is exactly 200.',
    },
    paths,
    components: {
      examples: Object.fromEntries(
        [...shared].map(([name, failure]) => [name, { value: failure.body }]),
      ),
      securitySchemes: { adminKey: { type: 'apiKey', in: 'header', name: 'X-API-KEY' } },
    },
  });
  // Plain data without undefined members, as it will be sent.
  return JSON.parse(JSON.stringify(document)) as JsonObject;
};
