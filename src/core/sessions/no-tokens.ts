import { GatewayError } from '../domain/errors';
import type { TokenStore } from '../ports/tokens';

/** The tokens of a gateway that has nothing to seal them with: none, and none can be put in. */
export const NO_TOKENS: TokenStore = {
  current: () => Promise.resolve(null),
  died: () => undefined,
  put: () =>
    Promise.reject(
      new GatewayError('UNSUPPORTED', 'This gateway keeps no sessions: it has no vault.'),
    ),
  forget: () => Promise.resolve(),
  session: () => Promise.resolve(null),
  onChange: () => () => undefined,
  close: () => undefined,
};
