import type { BrokerModule } from '../core/ports/broker';
import { iciciModule } from './icici';
import { neutralLiveModule, neutralModule, neutralTaglessModule } from './neutral';
import { paperModule } from './paper';

/** Every broker of this instance, one line each; the contract suite runs over the same list. */
export const brokerModules: readonly BrokerModule[] = [
  paperModule,
  neutralModule,
  neutralTaglessModule,
  neutralLiveModule,
  iciciModule,
];
