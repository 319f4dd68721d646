import { expect } from '@jest/globals';
import type { CaseGroup } from '../conformance-case';
import { evaluate, submit, submitOutcome } from '../gateway-calls';
import { rwsetOf } from '../rwset-view';
import { sha256 } from '@procurement/network/messages/signer';
import type { Call, World } from '../world';

const shared = 'collVendorMinistry';
const both = ['AuditorMSP', 'VendorMSP'];
const needs = ['private-data'] as const;
const notAvailable = expect.stringContaining('private data matching public hash version is not');

const members: CaseGroup = {
  title: 'private data',
  needs,
  cases: [
    {
      id: '52a',
      title: 'that are transient go to no organization outside the collection',
      observe: (world) =>
        submitOutcome(world, ['pput', shared, 'p1', ''], { transient: { value: 'secret1' } }),
      expected: { error: 'EndorseError', grpcCode: 9, details: [] },
    },
    {
      id: '52b',
      title: 'that are transient go to the organizations that are named',
      observe: async (world) => {
        const transient = { value: 'secret1' };
        const options = { transient, endorsing: ['VendorMSP', 'AuditorMSP'] };
        const { code } = await submit(world, ['pput', shared, 'p1', ''], options);
        return { code };
      },
      expected: { code: 0 },
    },
    {
      id: '52c',
      title: 'are read at the peers of members',
      observe: async (world) => {
        const signer = await world.client('VendorMSP');
        return {
          vendor: await evaluate(world, ['pget', shared, 'p1'], { signer }),
          ministry: await evaluate(world, ['pget', shared, 'p1']),
        };
      },
      expected: { vendor: 'secret1', ministry: 'secret1' },
    },
    {
      id: '52d',
      title: 'are not at the peers of others',
      observe: async (world) => world.ask(['pget', shared, 'p1'], await vendorAt(world, 'Auditor')),
      expected: { ok: true, result: { status: 500, message: notAvailable } },
    },
    {
      id: '52e',
      title: 'that nobody wrote are empty everywhere',
      observe: async (world) => {
        const args = ['pget', shared, 'absent'];
        return {
          vendor: await world.ask(args, await vendorAt(world, 'Vendor')),
          auditor: await world.ask(args, await vendorAt(world, 'Auditor')),
        };
      },
      expected: { vendor: { result: { payload: '' } }, auditor: { result: { payload: '' } } },
    },
    {
      id: '52f',
      title: 'are only hashes in the sets of a transaction',
      observe: observeSets,
      expected: { put: [{}, { collections: [{ name: shared }] }] },
    },
    {
      id: '52g',
      title: 'add reads of the whole definition of the chaincode',
      observe: async (world) => {
        const lifecycleKeys = async (...args: string[]) =>
          rwsetOf(await world.run(args))[0]!.reads.map(({ key }) => key);
        return {
          keys: await lifecycleKeys('pput', shared, 'p1', 'v'),
          public: await lifecycleKeys('put', 'k52', 'v'),
        };
      },
      expected: { public: ['namespaces/fields/probe/Sequence'] },
    },
    {
      id: '53',
      title: 'are for clients of members where the collection says so',
      observe: async (world) => {
        const call = { creator: await world.client('AuditorMSP'), at: 'VendorMSP' };
        const open = ['pget', 'collShort', 'p53'];
        return {
          read: await world.ask(['pget', shared, 'p1'], call),
          write: await world.ask(['pput', shared, 'p53', 'v'], call),
          open: await world.ask(open, { ...call, creator: await world.client() }),
        };
      },
      expected: {
        read: { result: { status: 500, message: noAccess('read') } },
        write: { result: { status: 500, message: noAccess('write') } },
        open: { result: { status: 200 } },
      },
    },
    {
      id: '55',
      title: 'have a hash at every peer',
      observe: async (world) => world.ask(['phash', shared, 'p1'], { at: 'AuditorMSP' }),
      expected: { ok: true, result: { payload: sha256(Buffer.from('secret1')).toString('hex') } },
    },
    {
      id: '55b',
      title: 'that nobody wrote have no hash',
      observe: async (world) => world.ask(['phash', shared, 'absent'], { at: 'AuditorMSP' }),
      expected: { ok: true, result: { status: 200, payload: '' } },
    },
    {
      id: '56',
      title: 'that are transient are not in the block',
      observe: async (world) => {
        const transient = { value: 'in the dark' };
        const args = ['pput', shared, 'key-in-the-light', ''];
        const envelope = await world.endorsed(args, both, { transient });
        const [placed] = await world.commit(envelope);
        const block = Buffer.from((await world.watch().block(placed!.block)).serializeBinary());
        return {
          code: placed!.code,
          found: block.includes(transient.value),
          keyFoundInArgs: block.includes('key-in-the-light'),
        };
      },
      expected: { code: 0, found: false, keyFoundInArgs: true },
    },
    {
      id: '61d',
      title: 'that are transient are seen by a query at the peer of the own organization',
      observe: async (world) => {
        const transient = { a: '1', b: Buffer.of(0, 0xff) };
        return {
          payload: JSON.parse(await evaluate(world, ['transient'], { transient })) as object,
        };
      },
      expected: { payload: { a: '31', b: '00ff' } },
    },
  ],
};

const refusals: CaseGroup = {
  title: 'private data that cannot be had',
  needs,
  cases: [
    {
      id: '59',
      title: 'because ranges and writes exclude each other',
      observe: async (world) => ({
        rangeThenWrite: await world.ask(['prangeWrite', shared, 'a', 'z', 'k59']),
        writeThenRange: await world.ask(['putThenPrange', shared, 'a', 'z', 'k59']),
      }),
      expected: {
        rangeThenWrite: {
          result: {
            message: expect.stringContaining(
              'Transaction has already performed queries on pvt data. Writes are not allowed',
            ),
          },
        },
        writeThenRange: {
          result: {
            message: expect.stringContaining(
              'Queries on pvt data is supported only in a read-only transaction',
            ),
          },
        },
      },
    },
    {
      id: '60',
      title: 'because the collection is not defined',
      observe: async (world) => ({
        put: await world.ask(['pput', 'nocoll', 'k', 'v']),
        get: await world.ask(['pget', 'nocoll', 'k']),
        noCollectionsAtAll: await world.ask(['pget', 'nocoll', 'k'], { chaincode: 'probe2' }),
        empty: await world.ask(['pget', '', 'k']),
      }),
      expected: {
        put: {
          result: {
            message: expect.stringContaining('procurement/probe/nocoll could not be found'),
          },
        },
      },
    },
    {
      id: '61',
      title: 'because they must reach more peers than there are',
      observe: async (world) => {
        const args = ['pput', 'collNeedsThree', 'p61'] as const;
        return {
          raw: await world.ask([...args, 'v']),
          gateway: await submitOutcome(world, [...args, ''], {
            transient: { value: 'v' },
            endorsing: ['VendorMSP', 'AuditorMSP'],
          }),
        };
      },
      expected: {
        raw: { result: { message: expect.stringContaining('know of only 2 eligible peers') } },
        gateway: { error: 'EndorseError', grpcCode: 10 },
      },
    },
  ],
};

/** Collections and their members. */
export function privateDataCases(): readonly CaseGroup[] {
  return [members, refusals];
}

function noAccess(kind: 'read' | 'write'): unknown {
  return expect.stringContaining(
    `tx creator does not have ${kind} access permission on privatedata in chaincodeName:probe ` +
      `collectionName: ${shared}`,
  );
}

/** The vendor's client at the peer of an organization. */
export async function vendorAt(world: World, name: 'Vendor' | 'Auditor'): Promise<Call> {
  return { creator: await world.client('VendorMSP'), at: `${name}MSP` };
}

async function observeSets(world: World): Promise<object> {
  const of = async (...args: string[]) => rwsetOf(await world.run(args));
  return {
    put: await of('pput', shared, 'p1', 'v'),
    get: await of('pget', shared, 'p1'),
    del: await of('pdel', shared, 'p1'),
    purge: await of('ppurge', shared, 'p1'),
    hash: await of('phash', shared, 'p1'),
    empty: await of('pputEmpty', shared, 'p1'),
  };
}
