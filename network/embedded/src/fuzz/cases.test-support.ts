import { discovery, gateway, orderer, peer } from '@hyperledger/fabric-protos';
import type { ServiceDefinition } from '@grpc/grpc-js';
import type { SigningIdentity } from '../../../certificates/signing-identity';
import { CaseChance } from './case-chance.test-support';
import { drafts } from './drafts.test-support';
import type { Draft, DraftWorld } from './drafts.test-support';
import { mutate, spoil } from './mutations.test-support';
import type { Method } from './rpc-calls.test-support';

/** A method of one of the network's services. */
export interface FuzzedMethod extends Method {
  /** Which node has it. */
  readonly node: 'peer' | 'orderer';
  readonly requestDeserialize: (bytes: Buffer) => unknown;
  readonly responseDeserialize: (bytes: Buffer) => unknown;
}

/** One request, or several on a stream, and what is wrong with it. */
export interface FuzzCase {
  readonly index: number;
  readonly method: FuzzedMethod;
  readonly kind: string;
  readonly requests: readonly Buffer[];
  /** Whether the server may wait for something that is still to happen. */
  readonly mayWait: boolean;
}

/** What cases are made of. */
export interface CaseWorld extends DraftWorld {
  /** Identities that nobody should accept. */
  readonly strangers: readonly SigningIdentity[];
  /** Requests that were sent, for replays; the case makers keep it short. */
  readonly sent: { readonly path: string; readonly request: Buffer }[];
}

/** Every service that a network of real nodes offers to clients. */
const services: readonly { node: FuzzedMethod['node']; definition: ServiceDefinition }[] = [
  { node: 'peer', definition: peer.EndorserService },
  { node: 'peer', definition: gateway.GatewayService },
  { node: 'peer', definition: peer.DeliverService },
  { node: 'peer', definition: discovery.DiscoveryService },
  { node: 'orderer', definition: orderer.AtomicBroadcastService },
];

/** Every method of every service. */
export const methods: readonly FuzzedMethod[] = services.flatMap(({ node, definition }) =>
  Object.values(definition).map((method) => ({ ...method, node })),
);

/** These wait for blocks, events or a commit; anything else has an answer at once. */
const waits = new Set<string>([
  peer.DeliverService.deliver.path,
  peer.DeliverService.deliverFiltered.path,
  peer.DeliverService.deliverWithPrivateData.path,
  orderer.AtomicBroadcastService.deliver.path,
  gateway.GatewayService.commitStatus.path,
  gateway.GatewayService.chaincodeEvents.path,
]);

const replaysMax = 200;

type Spoiler = (draft: Draft, chance: CaseChance, world: CaseWorld) => Buffer;

const signed = (draft: Draft, content: Buffer): Buffer =>
  draft.wrap(content, draft.signer.sign(content));

/** What is done to a good request, by name and weight. */
const spoilers: readonly (readonly [weight: number, kind: string, spoiler: Spoiler])[] = [
  [5, 'valid', (draft) => signed(draft, draft.content)],
  [40, 'changed and signed', (draft, chance) => signed(draft, mutate(draft.content, chance))],
  [
    8,
    'changed twice and signed',
    (draft, chance) => signed(draft, mutate(mutate(draft.content, chance), chance)),
  ],
  [20, 'changed outside', (draft, chance) => mutate(signed(draft, draft.content), chance)],
  [
    6,
    'signed by another',
    (draft, chance, world) =>
      draft.wrap(draft.content, chance.oneOf(world.members).sign(draft.content)),
  ],
  [
    6,
    'spoiled signature',
    (draft, chance) =>
      draft.wrap(draft.content, spoil(Buffer.from(draft.signer.sign(draft.content)), chance)),
  ],
  [7, 'spoiled bytes', (draft, chance) => spoil(signed(draft, draft.content), chance)],
  [3, 'random bytes', (_draft, chance) => chance.bytes(chance.between(0, 512))],
  [
    5,
    'replay',
    (draft, chance, world) =>
      world.sent.length > 0 ? chance.oneOf(world.sent).request : signed(draft, draft.content),
  ],
];

const totalWeight = spoilers.reduce((sum, [weight]) => sum + weight, 0);

/** The case with this index, the same for the same seed but for nonces and signatures. */
export function newCase(world: CaseWorld, seed: number, index: number): FuzzCase {
  const chance = new CaseChance(seed, index);
  const method = chance.oneOf(methods);
  const [kind, spoiler] = chosenSpoiler(chance);
  const count = method.requestStream && chance.isLucky(0.2) ? chance.between(2, 4) : 1;
  const requests: Buffer[] = [];
  for (let at = 0; at < count; at += 1) {
    const draft = draftOf(method, world, chance);
    const request = spoiler(draft, chance, world);
    requests.push(request);
    remember(world, method.path, request);
  }
  return { index, method, kind, requests, mayWait: waits.has(method.path) };
}

function chosenSpoiler(chance: CaseChance): [kind: string, spoiler: Spoiler] {
  let left = chance.between(1, totalWeight);
  for (const [weight, kind, spoiler] of spoilers) {
    left -= weight;
    if (left <= 0) return [kind, spoiler];
  }
  throw new RangeError('the weights do not add up');
}

/** One in twenty comes from somebody who has no business here. */
function draftOf(method: FuzzedMethod, world: CaseWorld, chance: CaseChance): Draft {
  const newDraft = drafts.get(method.path);
  if (!newDraft) throw new Error(`no draft of a request for ${method.path}`);
  const draft = newDraft(world, chance);
  if (!chance.isLucky(0.05)) return draft;
  return { ...draft, signer: chance.oneOf(world.strangers) };
}

function remember(world: CaseWorld, path: string, request: Buffer): void {
  if (request.length > 16_384) return;
  world.sent.push({ path, request });
  if (world.sent.length > replaysMax) world.sent.shift();
}
