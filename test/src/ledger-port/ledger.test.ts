import { afterAll, beforeAll, describe } from '@jest/globals';
import { FabricGatewayLedger, FabricNetworkLedger } from '@procurement/gateway';
import { shouldBehaveLikeALedger } from './ledger-behaviour';
import { LedgerNetwork } from './ledger-network';

describe('on the embedded network', () => {
  const network = new LedgerNetwork();
  beforeAll(() => network.start());
  afterAll(() => network.stop());

  const users = {
    ministry: () => network.user('MinistryMSP'),
    vendor: () => network.user('VendorMSP'),
  };

  describe('the adapter of fabric-gateway', () => {
    shouldBehaveLikeALedger({
      ...users,
      make: (changes) => new FabricGatewayLedger({ ...network.adapterOptions, ...changes }),
    });
  });

  describe('the adapter of fabric-network', () => {
    shouldBehaveLikeALedger({
      ...users,
      make: (changes) => new FabricNetworkLedger({ ...network.adapterOptions, ...changes }),
    });
  });
});
