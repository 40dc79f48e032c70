import { iciciModule } from '../../src/brokers/icici';
import { brokerId } from '../../src/core/domain/ids';
import { brokerContract } from './broker-contract';
import { taglessIciciUnderTest } from './harnesses/icici';

/** The whole suite once more over books that lose every tag. */
brokerContract(taglessIciciUnderTest({ ...iciciModule, id: brokerId('icici-tagless') }));
