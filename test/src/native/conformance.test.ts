import { describe, test } from '@jest/globals';
import { describeConformance } from '../conformance/conformance-suite';
import { nativeNetwork } from '../conformance/native-driver';
import { nativeSetting } from '../support/native-network';

const setting = nativeSetting();

if (setting) describeConformance(nativeNetwork(setting));
else {
  describe('real Fabric', () => {
    test.skip('answers as the suite says', () => undefined);
  });
}
