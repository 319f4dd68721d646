import { beforeAll, describe, expect, test } from '@jest/globals';
import { utf8 } from '@procurement/protocol';
import { combine } from './combine';
import { freezeCommittee } from './committee';
import { ready } from './group';
import { checkShares, readOpenShares } from './open';
import { checkSelfOpen } from './self-open';
import { readVectors, writeVectors } from './test-support/own-files';
import { makeOwnVectors } from './test-support/own-vectors';
import { checkSubmission } from './verify';

const file = readVectors('tseal');

beforeAll(async () => {
  await ready();
});

describe('our own vectors', () => {
  test('come out of their seeds to the byte', async () => {
    const made = await makeOwnVectors();
    // To renew the file on purpose: WRITE_VECTORS=yes npx jest sealed/src/own-vectors.
    if (process.env['WRITE_VECTORS'] === 'yes') writeVectors(made);
    expect(made).toEqual(file);
  });

  test.each(file.vectors)('hold for $name', async (vector) => {
    const { bid, deals, index, listHash } = vector;
    const committee = freezeCommittee(vector.tender);
    expect(committee.committeeHash).toBe(vector.committeeHash);
    const { envelope } = vector;
    const read = checkSubmission({ committee, bid, envelope, lastVersion: 0 });
    expect(read.envelopeHash).toBe(vector.envelopeHash);
    const list = { listHash, count: deals.length };
    const shares = vector.shares.map((message) => {
      const posterSpki = vector.tender.keys[readOpenShares(message).seat - 1]!.spki;
      return checkShares({ committee, message, list, deals, posterSpki, isAccepted: false });
    });
    const outcome = await combine({
      committee,
      bid,
      envelope: read.envelope,
      shares: shares.map(({ seat, S }) => ({ seat, S: S[index]! })),
    });
    expect(outcome).toEqual({
      state: 'OPENED',
      secret: vector.secret,
      plain: utf8(vector.plain),
    });
    const message = vector.selfOpen;
    const self = { committee, bid, envelope: read.envelope, message, isOpenable: true };
    expect(checkSelfOpen(self).S).toBe(vector.secret);
  });
});
