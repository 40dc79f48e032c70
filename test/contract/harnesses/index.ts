import type { BrokerModule } from '../../../src/core/ports/broker';
import type { BrokerUnderTest } from '../broker-contract';
import { iciciUnderTest } from './icici';
import { neutralUnderTest } from './neutral';
import { paperUnderTest } from './paper';

/** How each registered broker is put under test, by its id. */
export const harnesses: Readonly<Record<string, (module: BrokerModule) => BrokerUnderTest>> = {
  neutral: neutralUnderTest,
  'neutral-live': neutralUnderTest,
  'neutral-tagless': neutralUnderTest,
  paper: paperUnderTest,
  icici: iciciUnderTest,
};
