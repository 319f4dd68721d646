import { expect } from '@jest/globals';
import type { CaseGroup } from '../conformance-case';
import { submitOutcome } from '../gateway-calls';
import { responseView } from '../outcomes';
import { policyHex } from '../policies';
import { privateDataOf } from '../private-view';
import { recordedCollections } from '../recorded-network';
import type { Ordered, World } from '../world';
import { vendorAt } from './private-data';

const shared = 'collVendorMinistry';
const vendorsOwn = '_implicit_org_VendorMSP';
const VALID = { broadcast: 200, validationCode: 0 };
const POLICY = { broadcast: 200, validationCode: 10 };
const both = ['AuditorMSP', 'VendorMSP'];
const needs = ['private-data'] as const;

const implicit: CaseGroup = {
  title: 'the collection that every organization has',
  needs,
  cases: [
    {
      id: '54',
      title: 'is written with the endorsement of its organization',
      observe: async (world) => {
        const put = (...mspIds: string[]) =>
          orderEndorsed(world, ['pput', vendorsOwn, 'p54', 'z'], mspIds);
        return {
          ministryAuditor: await put('MinistryMSP', 'AuditorMSP'),
          vendorAlone: await put('VendorMSP'),
          auditorVendor: await put('AuditorMSP', 'VendorMSP'),
          vendorAloneAndPublicKey: await orderEndorsed(
            world,
            ['putPubAndPriv', 'k54', vendorsOwn, 'p54', 'z'],
            ['VendorMSP'],
          ),
        };
      },
      expected: {
        ministryAuditor: POLICY,
        vendorAlone: VALID,
        auditorVendor: VALID,
        vendorAloneAndPublicKey: POLICY,
      },
    },
    {
      id: '54b',
      title: 'is written through the gateway',
      observe: async (world) => {
        const transient = { value: 'v' };
        const signer = await world.client('VendorMSP');
        const args = ['pput', vendorsOwn, 'p54b', ''] as const;
        return {
          noOrgs: await submitOutcome(world, [...args], { transient }),
          asVendor: await submitOutcome(world, [...args], { transient, signer }),
          own: await submitOutcome(world, ['pput', '_implicit_org_MinistryMSP', 'p54b', ''], {
            transient,
          }),
        };
      },
      expected: { asVendor: { result: { code: 0 } }, own: { result: { code: 0 } } },
    },
    {
      id: '54c',
      title: 'is read at the peer of its organization only, by anybody',
      observe: async (world) => {
        const args = ['pget', vendorsOwn, 'p54'];
        return {
          vendorPeer: await world.ask(args, await vendorAt(world, 'Vendor')),
          vendorPeerOtherClient: await world.ask(args, { at: 'VendorMSP' }),
          ministryPeer: await world.ask(args),
        };
      },
      expected: {
        vendorPeer: { result: { payload: 'z' } },
        vendorPeerOtherClient: { result: { payload: 'z' } },
        ministryPeer: {
          result: { status: 500, message: expect.stringContaining('is not available') },
        },
      },
    },
    {
      id: '54d',
      title: 'is not there for an unknown organization',
      observe: async (world) => ({
        endorse: await world.ask(['pput', '_implicit_org_NoMSP', 'p54d', 'v']),
      }),
      expected: {
        endorse: {
          result: { status: 500, message: expect.stringContaining('_implicit_org_NoMSP] not def') },
        },
      },
    },
  ],
};

const endings: CaseGroup = {
  title: 'private data that end',
  needs,
  cases: [
    {
      id: '57',
      title: 'do so after as many blocks as the collection says',
      observe: async (world) => {
        await orderEndorsed(world, ['pput', 'collShort', 'p57', 'brief'], both);
        const seen: string[] = [];
        const { blockToLive } = recordedCollections.find(({ name }) => name === 'collShort')!;
        for (let block = 0; block <= blockToLive; block += 1) {
          seen.push(await world.text(['pget', 'collShort', 'p57']));
          await world.prepare(['put', 'k57', String(block)]);
        }
        return {
          seen,
          after: await world.text(['pget', 'collShort', 'p57']),
          hash: await world.text(['phash', 'collShort', 'p57']),
        };
      },
      expected: { seen: ['brief', 'brief', 'brief', 'brief'], after: '', hash: '' },
    },
    {
      id: '58',
      title: 'because they are purged leave the blocks too',
      observe: observePurge,
      expected: { purgeCode: 0, stateNow: { hash: '', other: 'keep', auditorHash: '' } },
    },
    {
      id: '58b',
      title: 'because they are deleted stay in the blocks',
      observe: async (world) => {
        const { block } = await committed(world, ['pput', shared, 'pd1', 'old']);
        const { code } = await committed(world, ['pdel', shared, 'pd1']);
        const signer = await world.client('VendorMSP');
        return {
          code,
          value: await world.text(['pget', shared, 'pd1']),
          hash: await world.text(['phash', shared, 'pd1']),
          oldBlock: await privateDataOf(world, { block, signer, at: 'VendorMSP' }),
        };
      },
      expected: { code: 0, value: '', hash: '' },
    },
  ],
};

const policies: CaseGroup = {
  title: 'the endorsement of private data',
  needs,
  cases: [
    {
      id: '61b',
      title: 'follows the policy of the collection',
      observe: async (world) => {
        const put = ['pput', 'collAuditorPolicy', 'p61b', 'v'];
        const putBoth = ['putPubAndPriv', 'k61b', 'collAuditorPolicy', 'p61b', 'v'];
        return {
          auditor: await orderEndorsed(world, put, ['AuditorMSP']),
          ministryVendor: await orderEndorsed(world, put, ['MinistryMSP', 'VendorMSP']),
          auditorMinistry: await orderEndorsed(world, put, ['AuditorMSP', 'MinistryMSP']),
          auditorWithPublic: await orderEndorsed(world, putBoth, ['AuditorMSP']),
          readOnlyHash: await orderEndorsed(
            world,
            ['phash', 'collAuditorPolicy', 'p61b'],
            ['AuditorMSP'],
          ),
        };
      },
      expected: { auditor: VALID, ministryVendor: POLICY, auditorWithPublic: POLICY },
    },
    {
      id: '61c',
      title: 'follows the policy of the key',
      observe: async (world) => {
        const policy = policyHex(1, ['VendorMSP']);
        const put = ['pput', shared, 'p61c', 'v'];
        return {
          s: await orderEndorsed(world, put, both),
          p: await orderEndorsed(world, ['setPrivPolicyHex', shared, 'p61c', policy], both),
          same: (await world.text(['getPrivPolicyHex', shared, 'p61c'])) === policy,
          vendorAlone: await orderEndorsed(world, put, ['VendorMSP']),
          auditorMinistry: await orderEndorsed(world, put, ['AuditorMSP', 'MinistryMSP']),
        };
      },
      expected: { same: true, vendorAlone: VALID, auditorMinistry: POLICY },
    },
  ],
};

const streams: CaseGroup = {
  title: 'a stream of blocks with private data',
  needs,
  cases: [
    {
      id: '68',
      title: 'has those of a collection for members, or for all where it is open',
      observe: async (world) => {
        const signer = await world.client('VendorMSP');
        const other = await world.client('AuditorMSP');
        const closed = await committed(world, ['pput', shared, 'p68', 'v']);
        const args = ['pput', 'collAuditorPolicy', 'p68', 'v'];
        const open = await committed(world, args, ['AuditorMSP', 'MinistryMSP']);
        const at = 'MinistryMSP';
        return {
          member: await privateDataOf(world, { block: closed.block, signer, at }),
          other: await privateDataOf(world, { block: closed.block, signer: other, at }),
          open: await privateDataOf(world, { block: open.block, signer, at }),
        };
      },
      expected: {
        member: { 0: [{ collections: [{ name: shared, writes: [{ key: 'p68' }] }] }] },
        other: expect.not.objectContaining({ 0: [{ collections: [{ name: shared }] }] }),
        open: { 0: [{ collections: [{ name: 'collAuditorPolicy', writes: [{ key: 'p68' }] }] }] },
      },
    },
  ],
};

/** Whose endorsement private data need, who is sent them, and how they end. */
export function privateDataLifeCases(): readonly CaseGroup[] {
  return [implicit, endings, policies, streams];
}

async function orderEndorsed(
  world: World,
  args: readonly string[],
  mspIds: readonly string[],
): Promise<Ordered> {
  return world.order(await world.endorsed(args, mspIds));
}

async function committed(
  world: World,
  args: readonly string[],
  mspIds: readonly string[] = both,
): Promise<{ code: number; block: number }> {
  const [placed] = await world.commit(await world.endorsed(args, mspIds));
  return placed!;
}

async function observePurge(world: World): Promise<object> {
  const signer = await world.client('VendorMSP');
  const first = await committed(world, ['pput', shared, 'pu1', 'old']);
  await committed(world, ['pput', shared, 'pu2', 'keep']);
  const second = await committed(world, ['pput', shared, 'pu1', 'new']);
  const view = (block: number) => privateDataOf(world, { block, signer, at: 'VendorMSP' });
  const before = await view(first.block);
  const { code } = await committed(world, ['ppurge', shared, 'pu1']);
  const stateNow = {
    value: responseView(
      await world.run(['pget', shared, 'pu1'], { creator: signer, at: 'VendorMSP' }),
    ),
    hash: await world.text(['phash', shared, 'pu1']),
    other: await world.text(['pget', shared, 'pu2']),
    auditorHash: await world.text(['phash', shared, 'pu1'], { at: 'AuditorMSP' }),
  };
  const afterFirst = await view(first.block);
  for (const value of ['1', '2', '3']) await world.prepare(['put', 'k58', value]);
  return {
    purgeCode: code,
    before,
    stateNow,
    afterFirst,
    afterThreeBlocks: await view(first.block),
    secondVersionBlock: await view(second.block),
  };
}
