import type { SessionGate } from '../../src/core/sessions/session-gate';

/** Every account has what its calls need. */
export const OPEN_GATE: SessionGate = {
  state: () => Promise.resolve({ needsLogin: false, refusal: null }),
  refusal: () => Promise.resolve(null),
  onChange: () => () => undefined,
};
