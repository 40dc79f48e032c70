import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { HttpResult } from '../../src/core/ports/http';

const FOLDER = path.join(__dirname, '..', 'fixtures', 'icici', 'rest');
const recorded = z.object({ response: z.record(z.string(), z.unknown()) });

/** The answer of one published call, `get_order_list`, as it came: the whole envelope. */
export const publishedAnswer = (name: string): Readonly<Record<string, unknown>> =>
  recorded.parse(JSON.parse(readFileSync(path.join(FOLDER, `${name}.json`), 'utf8'))).response;

/** An HTTP answer; text as it is, everything else as JSON. */
export const answered = (body: unknown, status = 200): HttpResult => ({
  kind: 'response',
  status,
  headers: {},
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
});

/** A refusal in the form in which Breeze writes all of them. */
export const refusal = (words: string, status = 500): HttpResult =>
  answered({ Success: null, Status: status, Error: words });
