import { GatewayError } from '../core/domain/errors';
import type { JsonObject } from './route';
import { InvalidFields } from './route';

/** Bytes of a request body. */
export const MAX_BODY_BYTES = 65_536;
const MAX_DEPTH = 20;

const notJson = (): GatewayError =>
  new GatewayError('BODY_NOT_JSON', 'The body is not valid JSON in UTF-8.');

const isContainer = (value: unknown): value is object =>
  typeof value === 'object' && value !== null;

/** Whether `value` nests deeper than allowed; walks level by level, so depth costs no stack. */
const tooDeep = (value: object): boolean => {
  let level: readonly object[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth >= MAX_DEPTH) return true;
    level = level.flatMap((item) => Object.values(item).filter(isContainer));
  }
  return false;
};

/**
 * The one JSON object in `bytes`, whatever the content type said; a byte order mark is skipped and of a
 * repeated key the last counts, both as in the contract. @throws GatewayError BODY_NOT_JSON, InvalidFields
 */
export const parseBody = (bytes: Uint8Array): JsonObject => {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    // The parser's own words quote the body, which holds the key.
    throw notJson();
  }
  if (!isContainer(value) || Array.isArray(value)) {
    throw new InvalidFields({ _schema: ['Invalid input type.'] });
  }
  if (tooDeep(value)) {
    throw new GatewayError('BODY_NOT_JSON', `The body nests deeper than ${MAX_DEPTH} levels.`);
  }
  // A JSON object that is no array; its values stay unknown.
  return value as JsonObject;
};
