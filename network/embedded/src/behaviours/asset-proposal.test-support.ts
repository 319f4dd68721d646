import { newProposal } from '../../../messages/proposal';
import type { ProposalParts, RawProposal } from '../../../messages/proposal';

/** What a proposal says where it is not to the chaincode `asset` of the channel `procurement`. */
export type AssetCall = Omit<ProposalParts, 'channel' | 'chaincode'> &
  Partial<Pick<ProposalParts, 'channel' | 'chaincode'>>;

/** A signed proposal of these parts, valid unless the hooks do something to it. */
export function newAssetProposal(call: AssetCall): RawProposal {
  return newProposal({ channel: 'procurement', chaincode: 'asset', ...call });
}
