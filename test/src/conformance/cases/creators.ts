import { expect } from '@jest/globals';
import { common, gateway } from '@hyperledger/fabric-protos';
import type { CaseGroup } from '../conformance-case';
import { evaluateOutcome, submitOutcome } from '../gateway-calls';
import {
  accessDenied,
  creatorMalformed,
  implicitPolicyFailure,
  policyCheckFailure,
  unknownError,
} from '../known-texts';
import type { Broadcast } from '../node-clients';
import { outcomeOf } from '../outcomes';
import { signedProposal } from '@procurement/network/messages/proposal';
import { newProbeProposal } from '../raw-proposal';
import { newTransaction } from '@procurement/network/messages/transaction';
import { statusName } from '@procurement/network/messages/seek';
import { procurementSeek } from '../seek';
import type { ProcurementSeek } from '../seek';
import { serializedIdentity, spoiled, withHighS } from '../signer';
import type { Signer } from '../signer';
import type { World } from '../world';

const expired = 'proposal client identity expired';
const notWriter = policyCheckFailure('Writers');

const signatures: CaseGroup = {
  title: 'the creator of a proposal',
  cases: [
    {
      id: '8',
      title: 'must have signed these bytes',
      observe: async (world) => askAs(world, spoiled(await world.client())),
      expected: unknownError(accessDenied),
    },
    {
      id: '9',
      title: 'must sign with a low s',
      observe: async (world) => askAs(world, withHighS(await world.client())),
      expected: unknownError(accessDenied),
    },
    {
      id: '10',
      title: 'must be of an organization of the channel',
      observe: async (world) => {
        const client = await world.client();
        return askAs(world, renamed(client, 'NoMSP', client.certificatePem));
      },
      expected: unknownError(creatorMalformed),
    },
    {
      id: '10b',
      title: 'must have a certificate that decodes',
      observe: async (world) =>
        askAs(world, renamed(await world.client(), 'MinistryMSP', 'no certificate')),
      expected: unknownError(creatorMalformed),
    },
    {
      id: '10c',
      title: 'must not use the MSP id of another member',
      observe: async (world) => {
        const client = await world.client('VendorMSP');
        return askAs(world, renamed(client, 'MinistryMSP', client.certificatePem));
      },
      expected: unknownError(creatorMalformed),
    },
    {
      id: '11',
      title: 'must not be of another CA with the same name',
      observe: async (world) => askAs(world, await world.identities.ofImpostor('MinistryMSP')),
      expected: unknownError(creatorMalformed),
    },
    {
      id: '13',
      title: 'must not have two roles',
      observe: async (world) => askAs(world, await world.identities.twoRoles('MinistryMSP')),
      expected: unknownError(accessDenied),
    },
  ],
};

const expiry: CaseGroup = {
  title: 'a certificate out of its time',
  cases: [
    {
      id: '12a',
      title: 'that has expired may not propose',
      observe: async (world) => askAs(world, await late(world)),
      expected: unknownError(expired),
    },
    {
      id: '12b',
      title: 'that has expired may evaluate at the gateway of 2.5, but not of 3.x',
      observe: async (world) =>
        evaluateOutcome(world, ['echo', 'x'], { signer: await late(world) }),
      expectedByCompat: { '2.5': { ok: true, result: 'x' }, '3.1': { ok: false, grpcCode: 14 } },
    },
    {
      id: '12g',
      title: 'that has expired may not endorse at the gateway',
      observe: async (world) =>
        submitOutcome(world, ['put', 'k12', 'v'], { signer: await late(world) }),
      expectedByCompat: {
        '2.5': { error: 'EndorseError', details: [{ mspId: 'AuditorMSP' }] },
        '3.1': { error: 'EndorseError', details: [{ mspId: 'MinistryMSP' }] },
      },
    },
    {
      id: '12h',
      title: 'that has expired is stopped by the ordering node of 2.5 where only one peer is asked',
      observe: async (world) =>
        submitOutcome(world, ['put', 'k12', 'v'], {
          signer: await late(world),
          endorsing: ['MinistryMSP'],
        }),
      expectedByCompat: { '2.5': { error: 'SubmitError' }, '3.1': { error: 'EndorseError' } },
    },
    {
      id: '12c',
      title: 'that has expired may not broadcast',
      observe: async (world) => ({
        broadcast: await world.clients.broadcast(emptyTransaction(await late(world))),
      }),
      expected: { broadcast: [{ status: 400, info: 'broadcast client identity expired' }] },
    },
    {
      id: '12d',
      title: 'that has expired may not have blocks',
      observe: async (world) => {
        const { types, end } = await seen(world, { signer: await late(world), start: 0 }, 1);
        return { status: types, end };
      },
      expected: { status: ['FORBIDDEN'] },
    },
    {
      id: '12e',
      title: 'that is not valid yet may propose',
      observe: async (world) =>
        world.ask(['echo', 'x'], { creator: await world.identities.early('MinistryMSP') }),
      expected: { ok: true, result: { status: 200, endorsed: true } },
    },
    {
      id: '12f',
      title: 'that begins before that of its CA is malformed',
      observe: async (world) => askAs(world, await world.identities.older('MinistryMSP')),
      expected: unknownError(creatorMalformed),
    },
  ],
};

const roles: CaseGroup = {
  title: 'the role of a creator',
  cases: [
    {
      id: '14a',
      title: 'of a peer may not propose',
      observe: async (world) => askAs(world, await world.identities.peer('MinistryMSP')),
      expected: unknownError(notWriter),
    },
    {
      id: '14b',
      title: 'of a peer may not evaluate',
      observe: async (world) =>
        evaluateOutcome(world, ['echo', 'x'], {
          signer: await world.identities.peer('MinistryMSP'),
        }),
      expected: { error: 'GatewayError', grpcCode: 9, details: [{ message: notWriter }] },
    },
    {
      id: '14c',
      title: 'of an administrator may evaluate',
      observe: async (world) =>
        evaluateOutcome(world, ['echo', 'x'], {
          signer: await world.identities.admin('MinistryMSP'),
        }),
      expected: { ok: true, result: 'x' },
    },
    {
      id: '14d',
      title: 'of a peer may ask qscc',
      observe: async (world) => {
        const creator = await world.identities.peer('MinistryMSP');
        const call = { creator, chaincode: 'qscc' };
        return outcomeOf(world.run(['GetChainInfo', 'procurement'], call), (response) =>
          response.getResponse()?.getStatus(),
        );
      },
      expected: { ok: true, result: 200 },
    },
  ],
};

const secondChannel: CaseGroup = {
  title: 'a client that is a Reader but no Writer',
  needs: ['second-channel'],
  cases: [
    {
      id: '15a',
      title: 'may not evaluate',
      observe: async (world) =>
        evaluateOutcome(world, ['echo', 'x'], {
          signer: await world.client('AuditorMSP'),
          channel: 'second',
        }),
      expected: { grpcCode: 9, details: [{ message: policyCheckFailure('Writers', 'second') }] },
    },
    {
      id: '15b',
      title: 'may have blocks',
      observe: async (world) => {
        const signer = await world.client('AuditorMSP');
        return seen(world, { signer, start: 0, channel: 'second' }, 2, 'AuditorMSP');
      },
      expected: { types: ['block', 'SUCCESS'] },
    },
    {
      id: '15c',
      title: 'may not broadcast',
      observe: async (world) => {
        const creator = await world.client('AuditorMSP');
        return { broadcast: await world.clients.broadcast(emptyTransaction(creator, 'second')) };
      },
      expected: {
        broadcast: [
          { status: 403, info: `${implicitPolicyFailure('Writers')}: permission denied` },
        ],
      },
    },
  ],
};

const envelopes: CaseGroup = {
  title: 'a message to be ordered',
  cases: [
    {
      id: 'x13',
      title: 'is ordered though the organizations that were named are too few',
      observe: (world) =>
        submitOutcome(world, ['put', 'kx13', 'v'], { endorsing: ['MinistryMSP'] }),
      expected: { ok: true, result: { code: 10 } },
    },
    {
      id: 'x14',
      title: 'has a greatest length',
      observe: async (world) => ({ broadcast: await broadcastBytes(world, 10_486_760) }),
      expected: {
        broadcast: [{ status: 400, info: expect.stringContaining('allowed 10485760 bytes') }],
      },
    },
    {
      id: 'x15',
      title: 'must be for a channel of the ordering node',
      observe: async (world) => ({
        broadcast: await world.clients.broadcast(emptyTransaction(await world.client(), 'nochan')),
      }),
      expectedByCompat: {
        '2.5': {
          broadcast: [
            {
              status: 400,
              info:
                'channel creation request not allowed because the orderer system channel is ' +
                'not defined',
            },
          ],
        },
        '3.1': { broadcast: [{ status: 400, info: 'channel does not exist' }] },
      },
    },
    {
      id: 'x17',
      title: 'must be signed when it comes through a gateway',
      observe: (world) =>
        gatewaySubmit(world, (envelope) => {
          envelope.setSignature('');
        }),
      expected: { grpcCode: 3, details: 'prepared transaction must be signed' },
    },
    {
      id: 'x18',
      title: 'must be signed by its creator when it comes through a gateway',
      needs: ['one-orderer-answers'],
      observe: async (world) => {
        const other = await world.client('VendorMSP');
        return gatewaySubmit(world, (envelope) => {
          envelope.setSignature(other.sign(envelope.getPayload_asU8()));
        });
      },
      expected: {
        grpcCode: 10,
        details: expect.stringContaining('unsuccessful response from orderer: status=FORBIDDEN'),
      },
    },
    {
      id: 'x19',
      title: 'has a proposal that decodes when it comes through a gateway',
      observe: evaluateOddRequests,
      expected: {
        empty: { grpcCode: 3 },
        undecodable: { grpcCode: 3 },
        requestTxidDiffers: { ok: true },
        requestChannelDiffers: { ok: true },
      },
    },
  ],
};

/** Who may do what. */
export function creatorCases(): readonly CaseGroup[] {
  return [signatures, expiry, roles, secondChannel, envelopes];
}

function askAs(world: World, creator: Signer): Promise<unknown> {
  return world.ask(['echo', 'x'], { creator });
}

function late(world: World): Promise<Signer> {
  return world.identities.expired('MinistryMSP');
}

function renamed(signer: Signer, mspId: string, certificate: string): Signer {
  return { ...signer, mspId, serialized: serializedIdentity(mspId, Buffer.from(certificate)) };
}

/** A transaction that no peer has seen; an ordering node does not look inside. */
function emptyTransaction(creator: Signer, channel = 'procurement'): common.Envelope {
  const proposal = newProbeProposal({ creator, channel, args: ['get', 'a'] });
  return newTransaction({ proposal, payload: Buffer.of(), endorsements: [] });
}

async function broadcastBytes(world: World, bytes: number): Promise<Broadcast[]> {
  const envelope = emptyTransaction(await world.client());
  const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
  payload.setData(Buffer.alloc(bytes));
  envelope.setPayload(payload.serializeBinary());
  return world.clients.broadcast(envelope);
}

/** Names of the messages that a request for blocks is answered with, at most `most`. */
async function seen(
  world: World,
  seek: ProcurementSeek,
  most: number,
  mspId = 'MinistryMSP',
): Promise<{ types: string[]; end: 'max' | 'end' }> {
  const types: string[] = [];
  for await (const answer of world.clients.deliver(procurementSeek(seek), { mspId })) {
    types.push(answer.hasBlock() ? 'block' : statusName(answer.getStatus()));
    if (types.length === most) return { types, end: 'max' };
  }
  return { types, end: 'end' };
}

async function gatewaySubmit(
  world: World,
  change: (envelope: common.Envelope) => void,
): Promise<unknown> {
  const envelope = emptyTransaction(await world.client());
  change(envelope);
  const request = new gateway.SubmitRequest();
  request.setChannelId('procurement');
  request.setPreparedTransaction(envelope);
  return outcomeOf(world.clients.submit('MinistryMSP', request));
}

async function evaluateOddRequests(world: World): Promise<object> {
  const creator = await world.client();
  const { signed, txId } = newProbeProposal({ creator, args: ['echo', 'x'] });
  const evaluated = (change: (request: gateway.EvaluateRequest) => void) => {
    const request = new gateway.EvaluateRequest();
    change(request);
    return outcomeOf(world.clients.evaluate('MinistryMSP', request), () => 'accepted');
  };
  return {
    empty: await evaluated(() => undefined),
    undecodable: await evaluated((request) => {
      request.setProposedTransaction(signedProposal(Buffer.of(0xff, 0xff, 0xff), creator));
    }),
    requestTxidDiffers: await evaluated((request) => {
      request.setTransactionId(`${txId.slice(1)}0`);
      request.setChannelId('procurement');
      request.setProposedTransaction(signed);
    }),
    requestChannelDiffers: await evaluated((request) => {
      request.setTransactionId(txId);
      request.setChannelId('nochan');
      request.setProposedTransaction(signed);
    }),
  };
}
