/** Refusals around the end of an opening: for each code a call that it refuses, and its arguments. */
import { decodeCanonical, encodeCanonical, type Reject, utf8 } from '@procurement/protocol';
import type { People, Procurement } from './procurement';

const PERIOD_MS = 7 * 24 * 3600 * 1000;
const roadKey = 'bid/MoIT-2027-014/road/vendor-1';
const bridgeKey = 'bid/MoIT-2027-014/bridge/vendor-1';

type Scenario = [() => Promise<Reject | undefined>, object];
type Code = 'MISSING' | 'SELF' | 'DEAL_HOLDS' | 'OPENABLE' | 'TIE';

/**
 * The scenarios of a closed tender in which vendor 1 has bid for both lots. People and tender are
 * asked for only when a scenario runs.
 */
export function scenariosOfEnds(world: {
  readonly people: () => People;
  readonly closed: () => Procurement;
}): Record<Code, Scenario> {
  const auditorRefused = (
    procurement: Procurement,
    name: string,
    input: object = {},
  ): Promise<Reject | undefined> => {
    const whole = { ...procurement.onTender, ...input };
    return procurement.ledger.refusal(world.people().auditor, name, whole);
  };
  return {
    MISSING: [
      async () => {
        const procurement = await withShares(world.closed());
        overwrite(procurement, /^\0bid\0.*road/, (bid) => {
          const envelope = { ...(bid['envelope'] as object), ref: ['one', 'two'] };
          return { ...bid, envelope: without(envelope, 'ct') };
        });
        return auditorRefused(procurement, 'opening:combine', { bidKeys: [roadKey] });
      },
      { item: roadKey },
    ],
    SELF: [
      async () => {
        const closed = world.closed();
        const { S, proof } = await closed.sharesOf(1);
        const selfOpen = { S: S[0], bidKey: roadKey, proof };
        const input = { ...closed.onTender, selfOpen };
        return closed.ledger.refusal(world.people().vendors[0]!, 'opening:selfOpen', input);
      },
      { item: 'proof' },
    ],
    DEAL_HOLDS: [
      () => auditorRefused(world.closed(), 'opening:strike', { bidKey: roadKey }),
      { item: roadKey },
    ],
    OPENABLE: [
      async () => {
        const procurement = await withShares(world.closed());
        procurement.ledger.nowMs += PERIOD_MS;
        return auditorRefused(procurement, 'opening:recordMissing');
      },
      { item: bridgeKey },
    ],
    TIE: [() => tieRefused(world), { bidKeys: [roadKey, `${roadKey}2`], lotId: 'road' }],
  };
}

async function tieRefused(world: {
  readonly people: () => People;
  readonly closed: () => Procurement;
}): Promise<Reject | undefined> {
  const procurement = await withShares(world.closed());
  await procurement.combine();
  await procurement.evaluate();
  overwrite(procurement, /^\0ranking\0.*road/, (ranking) => {
    const [first] = ranking['ranks'] as object[];
    const equal = without(first!, 'ticket');
    return { ...ranking, ranks: [equal, { ...equal, bidKey: `${roadKey}2` }] };
  });
  return procurement.ledger.refusal(world.people().officer, 'award:decide', procurement.onTender);
}

async function withShares(closed: Procurement): Promise<Procurement> {
  const procurement = closed.fork();
  await procurement.postShares(1, 2, 3);
  return procurement;
}

function without(value: object, member: string): object {
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== member));
}

/** Changes a record behind the chaincode's back, as no honest endorser would. */
function overwrite(
  { ledger }: Procurement,
  key: RegExp,
  change: (record: Record<string, unknown>) => object,
): void {
  const [name, value] = ledger.state.entries().find(([one]) => key.test(one))!;
  const record = decodeCanonical(value.toString());
  ledger.state.overwrite(name, utf8(encodeCanonical(change(record))));
}
