import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { errnoOf } from './errno';
import { StartupError } from './startup-error';

const instanceSchema = z.strictObject({
  port: z.int().min(1).max(65_535),
  password: z.string().regex(/^[0-9a-f]{48}$/),
  pid: z.int().min(1),
  startedAt: z.string().nullable(),
});

/** Which server runs in a folder, and which process started it. */
export type RedisInstance = Readonly<z.infer<typeof instanceSchema>>;

const fileOf = (directory: string): string => path.join(directory, 'instance.json');

/**
 * What is written down in `directory`, or null when nothing is.
 * @throws StartupError when the file is damaged: two servers on one folder would ruin its data.
 */
export const readInstance = async (directory: string): Promise<RedisInstance | null> => {
  const file = fileOf(directory);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw error;
  }
  const parsed = instanceSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new StartupError(
    `${file} is damaged: make sure that no redis-server uses this folder, delete the file and start again.`,
  );
};

/** Writes it whole or not at all, readable by the owner only. */
export const writeInstance = async (directory: string, instance: RedisInstance): Promise<void> => {
  const file = fileOf(directory);
  await writeFile(`${file}.new`, JSON.stringify(instance), { mode: 0o600 });
  await rename(`${file}.new`, file);
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
};
