import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { parsed } from '../../src/brokers/icici/errors';
import { feedMessage } from '../../src/brokers/icici/wire/feed';
import type { FeedMessage } from '../../src/brokers/icici/wire/feed';

export type FeedRow = Readonly<Record<string, unknown>>;

const FOLDER = path.join(__dirname, '..', 'fixtures', 'icici', 'ws');
/** The recordings of the feed; each name begins with a number, `01` to `13`. */
export const FEED_FILES = readdirSync(FOLDER).sort();
const recording = z.object({ messages: z.array(z.record(z.string(), z.unknown())) });

export const feedRows = (file: string): readonly FeedRow[] =>
  recording.parse(JSON.parse(readFileSync(path.join(FOLDER, file), 'utf8'))).messages;

/** The message at `index` of the file that begins with `number`. */
export const feedRow = (number: string, index = 1): FeedRow => {
  const file = FEED_FILES.find((name) => name.startsWith(number)) ?? 'none';
  const row = feedRows(file)[index];
  if (row === undefined) throw new Error(`${file} has no message ${index}`);
  return row;
};

/** The message by its schema. @throws GatewayError SCHEMA as the adapter throws it */
export const readFeed = (row: FeedRow): FeedMessage => parsed(row, feedMessage, 'message', 'test');
