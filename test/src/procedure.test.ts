import { describe } from '@jest/globals';
import { startSystem } from './support/procedure';
import { everyoneAsServiceAccount } from './support/service-accounts';
import { shouldRunATender } from './support/tender-behaviour';

describe('a tender from notice to award, over HTTP', () => {
  shouldRunATender({
    start: () => startSystem({ environment: everyoneAsServiceAccount }),
    tenderId: 'bridge-and-road',
  });
});
