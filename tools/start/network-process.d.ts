import type { Topology } from '@procurement/network';
import { type Child } from './child';
/**
 * Starts an embedded network in a process of its own, from a topology.
 * @param folder of the whole system; the network keeps its data in `network` below it
 * @throws ChildFailed with one sentence where it cannot start
 */
export declare function startNetwork(folder: string, topology: Topology): Promise<Child>;
