import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ERROR_CODES } from '../../src/core/domain/error-codes';
import { NOTHING } from '../../src/api/fields';
import { errorSchema, openApiDocument } from '../../src/api/openapi';
import { ROUTES } from '../../src/api/routes';

const file = join(__dirname, '../../docs/openapi.json');

describe('the OpenAPI document', () => {
  it('is the one in docs/', () => {
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(openApiDocument());
  });

  it('has every route once', () => {
    const names = ROUTES.map((route) => route.name);
    expect(new Set(names).size).toBe(names.length);
    const { paths } = openApiDocument() as { paths: Record<string, object> };
    const operations = Object.values(paths).reduce(
      (sum, item) => sum + Object.keys(item).length,
      0,
    );
    expect(operations).toBe(ROUTES.length);
  });

  it.each(ROUTES.map((route) => [route.name, route] as const))(
    'has examples of %s that its own schemas take',
    (_name, route) => {
      const { request, success, failures } = route.examples;
      expect(request === null).toBe(route.body === NOTHING);
      if (request !== null) route.body.parse(request);
      if (route.answer !== null) expect(route.answer.parse(success)).toEqual(success);
      if (route.access.kind === 'key') expect(failures.length).toBeGreaterThan(3);
      const statusKey = route.family === 'admin' ? 'adminHttp' : 'http';
      for (const failure of failures) {
        errorSchema.or(route.answer ?? errorSchema).parse(failure.body);
        const code = failure.body['code'];
        const entry = Object.entries(ERROR_CODES).find(([known]) => known === code)?.[1];
        if (entry !== undefined)
          expect([failure.name, failure.status]).toEqual([failure.name, entry[statusKey]]);
      }
    },
  );
});
