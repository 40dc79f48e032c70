import type { EmbeddedRedis } from '../../src/infra/embedded-redis';

/** What the set-up started, for the teardown; both run in the same process but load modules apart. */
interface Running {
  current: { readonly redis: EmbeddedRedis; readonly directory: string } | null;
}

const KEY = Symbol.for('toran.test.redis');
// The symbol is ours: nothing else puts a value there.
const store = globalThis as unknown as Record<symbol, Running | undefined>;

export const running: Running = (store[KEY] ??= { current: null });
