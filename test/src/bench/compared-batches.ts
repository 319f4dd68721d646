/**
 * Block timeout of both networks of a comparison. Fabric's test network has 2 s; low latency is
 * wanted, and from the embedded one, which closes blocks early when it is idle, the same limit.
 */
export const comparedBatchTimeoutMs = 200;
