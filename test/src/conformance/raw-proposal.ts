import { newProposal } from '@procurement/network/messages/proposal';
import type { ProposalParts, RawProposal } from '@procurement/network/messages/proposal';

/** What a proposal says where it is not to the chaincode `probe` of the channel `procurement`. */
export type ProbeCall = Omit<ProposalParts, 'channel' | 'chaincode'> &
  Partial<Pick<ProposalParts, 'channel' | 'chaincode'>>;

/** A signed proposal of these parts, valid unless the hooks do something to it. */
export function newProbeProposal(call: ProbeCall): RawProposal {
  return newProposal({ channel: 'procurement', chaincode: 'probe', ...call });
}
