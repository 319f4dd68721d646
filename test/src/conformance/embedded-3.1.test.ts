import { describeConformance } from './conformance-suite';
import { embeddedNetwork } from './embedded-driver';

describeConformance(embeddedNetwork('3.1'));
