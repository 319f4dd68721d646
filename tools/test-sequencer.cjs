'use strict';

const Sequencer = require('@jest/test-sequencer').default;

/** Suites that start whole networks, in the order in which they had better begin. */
const FIRST = ['/test/src/', '/network/'];

/**
 * The long suites first. Jest goes by size where it knows no times, as on a new machine, and a file
 * that says little may start a network; begun last, it keeps one core waiting for it.
 */
module.exports = class LongSuitesFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const index = FIRST.findIndex((part) => path.includes(part));
      return index === -1 ? FIRST.length : index;
    };
    return super.sort(tests).sort((left, right) => rank(left) - rank(right));
  }
};
